import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { Database } from '#state/database.ts';
import { openSqliteRecords } from './index.ts';
import { openSqliteSnapshot } from './open-snapshot.ts';
import { hubMigrations } from './schema.ts';
import { areCurrent, versionOf } from './version.ts';

const at = '2026-01-01T00:00:00.000Z';

/** A file with records of the first version: ann's private repository, with an upload under way. */
function firstVersion(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'hub-schema-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'hub.db');
  using database = new Database(path, hubMigrations.slice(0, 1));
  for (const sql of [
    `INSERT INTO account (id, name, kind, plan_id, private_repositories, created_at)
       VALUES ('a', 'ann', 'user', 'free', 1, '${at}')`,
    `INSERT INTO user (account_id, password_hash, password_changed_at) VALUES ('a', 'hash', '${at}')`,
    `INSERT INTO repository (owner_id, name, full_name, visibility, created_at, updated_at)
       VALUES ('a', 'app', 'ann/app', 'private', '${at}', '${at}')`,
    `INSERT INTO upload VALUES ('cafe', 1, 'a', 700, '${at}', '${at}')`,
  ])
    database.run(sql);
  return path;
}

test('records of the first version are brought up to this one, with all that they have', async (context) => {
  const path = firstVersion(context);
  assert.equal(areCurrent(path), false);
  await using records = openSqliteRecords(path);
  assert.equal(areCurrent(path), true);
  const { repository } = (await records.access.standing('a', 'ann/app'))!;
  assert.equal(await records.uploads.has(repository, 'cafe'), true);
  assert.equal((await records.uploads.room(repository))?.unfinished, 700);
  assert.equal((await records.users.find('ann'))?.id, 'a');
  const wrong = await Promise.all([
    records.checks.integrity(),
    records.checks.wrongUsage(),
    records.search.check(),
  ]);
  assert.deepEqual(wrong, [[], [], []]);
});

test('they are opened of a backup, too', async (context) => {
  const path = firstVersion(context);
  await (await openSqliteSnapshot(path))[Symbol.asyncDispose]();
  assert.equal(versionOf(path), hubMigrations.length);
});

test('records of a later version are left alone', async (context) => {
  const path = firstVersion(context);
  {
    using database = new Database(path, [...hubMigrations, 'CREATE TABLE later (x TEXT) STRICT']);
    assert.deepEqual(database.all('SELECT * FROM later'), []);
  }
  assert.equal(areCurrent(path), false);
  assert.throws(() => openSqliteRecords(path), /newer than this program/);
  await assert.rejects(openSqliteSnapshot(path), { kind: 'invalid', message: /newer/ });
  assert.equal(versionOf(path), hubMigrations.length + 1);
});
