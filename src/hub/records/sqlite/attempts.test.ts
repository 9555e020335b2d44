import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { attemptsContract } from '../../../../test/fixtures/hub-records/attempts-contract.ts';
import { openSqliteRecords } from './index.ts';

attemptsContract('SQLite', (options) => openSqliteRecords(':memory:', options));

test('failures outlast the program that counted them, and count for another that has the file', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-attempts-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'hub.db');
  {
    await using records = openSqliteRecords(path);
    await records.attempts.add(['a']);
  }
  await using one = openSqliteRecords(path);
  await using other = openSqliteRecords(path);
  await one.attempts.add(['a']);
  await other.attempts.add(['a']);
  for (const { attempts } of [one, other]) assert.equal((await attempts.failures(['a'])).get('a')?.count, 3);
});
