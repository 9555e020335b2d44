import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { holdsContract } from '../../../../test/fixtures/hub-records/holds-contract.ts';
import { openSqliteRecords } from './index.ts';

holdsContract('sqlite', (options) => openSqliteRecords(':memory:', options));

test('who opens the same file is held up too', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-holds-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'hub.db');
  await using serving = openSqliteRecords(path);
  await using command = openSqliteRecords(path);
  const id = await command.holds.take(60);
  assert.equal(await serving.holds.isHeld(), true);
  await command.holds.release(id);
  assert.equal(await serving.holds.isHeld(), false);
});
