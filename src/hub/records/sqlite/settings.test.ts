import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { audited } from '../../../../test/fixtures/hub-records/seed.ts';
import { settingsContract } from '../../../../test/fixtures/hub-records/settings-contract.ts';
import { openSqliteRecords } from './index.ts';

settingsContract('sqlite', (options) => openSqliteRecords(':memory:', options));

test('what another program sets in the same file is seen at once', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-settings-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'hub.db');
  await using serving = openSqliteRecords(path);
  await using command = openSqliteRecords(path);
  for (const name of ['One', 'Two']) {
    await command.settings.change((before) => ({ ...before, name }), audited);
    assert.equal((await serving.settings.get()).name, name);
  }
});
