import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { type Digest, digestOf } from '#oci/digest.ts';
import { checksContract } from '../../../../test/fixtures/hub-records/checks-contract.ts';
import { aRepository, aUser } from '../../../../test/fixtures/hub-records/seed.ts';
import { openSqliteRecords, type SqliteRecords } from './index.ts';
import { openSqliteSnapshot } from './open-snapshot.ts';

checksContract('sqlite', (options) => openSqliteRecords(':memory:', options));

const at = '2026-01-01T00:00:00.000Z';
const [layer, config, manifest] = ['layer', 'config', 'manifest'].map((text) => digestOf(text)) as [
  Digest,
  Digest,
  Digest,
];
const none = { repositories: 0, bytes: 0 };

/** A private repository of ann's whose manifest refers to two blobs of 100 bytes, that are there and linked nowhere. */
async function withLostLinks(): Promise<SqliteRecords & { readonly repositoryId: number }> {
  const records = openSqliteRecords(':memory:');
  const { database } = records;
  const ann = await aUser(records, 'ann');
  const { id } = await aRepository(records, ann.id, 'ann/app');
  for (const digest of [layer, config])
    database.run('INSERT INTO blob (digest, size, created_at) VALUES (?, 100, ?)', digest, at);
  database.run("INSERT INTO manifest_content VALUES (?, 8, CAST('manifest' AS BLOB))", manifest);
  database.run(
    `INSERT INTO repository_manifest (repository_id, digest, media_type, total_size, pushed_at)
       VALUES (?, ?, '', 200, ?)`,
    ...[id, manifest, at],
  );
  for (const [target, kind] of [
    [layer, 'layer'],
    [config, 'config'],
    [digestOf('another'), 'manifest'],
  ])
    database.run('INSERT INTO manifest_link VALUES (?, ?, ?, ?)', id, manifest, target!, kind!);
  await records.checks.recountUsage();
  return { ...records, repositoryId: id };
}

const lost = (records: SqliteRecords) => Array.fromAsync(records.checks.missingLinks());
const bytesOfAnn = (records: SqliteRecords) =>
  records.database.get<{ private_bytes: number }>("SELECT private_bytes FROM account WHERE name = 'ann'")!
    .private_bytes;

test('a link that is lost is found, and made and counted anew', async () => {
  await using records = await withLostLinks();
  const links = await lost(records);
  const repository = { id: records.repositoryId, fullName: 'ann/app' };
  assert.deepEqual(
    links.toSorted((a, b) => (a.kind < b.kind ? -1 : 1)),
    [
      { repository, manifest, target: config, kind: 'config' },
      { repository, manifest, target: layer, kind: 'layer' },
    ],
  );
  assert.equal(bytesOfAnn(records), 8);
  for (const link of links) assert.equal(await records.checks.relink(link), true);
  assert.deepEqual(await lost(records), []);
  assert.equal(bytesOfAnn(records), 208);
  for (const link of links) assert.equal(await records.checks.relink(link), true, 'nothing to do');
  assert.equal(bytesOfAnn(records), 208);
  assert.deepEqual(await records.checks.wrongUsage(), []);
});

test('a link to what the repository has as a manifest counts nothing more', async () => {
  await using records = await withLostLinks();
  const { database, checks, repositoryId } = records;
  database.run('INSERT INTO blob (digest, size, created_at) VALUES (?, 8, ?)', manifest, at);
  database.run("INSERT INTO manifest_link VALUES (?, ?, ?2, 'layer')", repositoryId, manifest);
  const [link] = (await lost(records)).filter(({ target }) => target === manifest);
  assert.equal(await checks.relink(link!), true);
  assert.equal(bytesOfAnn(records), 8);
  assert.deepEqual(await checks.wrongUsage(), []);
});

test('a link is not made to a blob that is gone, nor beyond the plan, nor for a manifest that is gone', async () => {
  await using records = await withLostLinks();
  const { database, checks } = records;
  const links = await lost(records);
  const [toLayer] = links.filter(({ kind }) => kind === 'layer');
  const [toConfig] = links.filter(({ kind }) => kind === 'config');
  database.run('DELETE FROM blob WHERE digest = ?', layer);
  assert.equal(await checks.relink(toLayer!), false);
  database.run("UPDATE plan SET private_bytes = 107 WHERE id = 'free'");
  assert.equal(await checks.relink(toConfig!), false);
  assert.equal(database.get('SELECT 1 FROM repository_blob'), undefined);
  assert.deepEqual(await checks.wrongUsage(), []);
  database.run('DELETE FROM repository_manifest');
  for (const link of links) assert.equal(await checks.relink(link), true);
  assert.equal(database.get('SELECT 1 FROM repository_blob'), undefined);
});

test('usage that is wrong is told, by account and by content, and counted anew', async () => {
  await using records = await withLostLinks();
  const { database, checks } = records;
  for (const link of await lost(records)) await checks.relink(link);
  await aUser(records, 'bob');
  assert.deepEqual(await checks.wrongUsage(), []);
  const right = { repositories: 1, bytes: 208 };
  const damages: readonly (readonly [sql: string, wrong: readonly unknown[]])[] = [
    [
      "UPDATE account SET private_bytes = 207 WHERE name = 'ann'",
      [{ account: 'ann', kept: { repositories: 1, bytes: 207 }, counted: right }],
    ],
    [
      "UPDATE account SET private_repositories = 3 WHERE name <> ''",
      [
        { account: 'ann', kept: { repositories: 3, bytes: 208 }, counted: right },
        { account: 'bob', kept: { repositories: 3, bytes: 0 }, counted: none },
      ],
    ],
    ['UPDATE owner_content SET links = links + 1', [{ account: 'ann', kept: right, counted: right }]],
    ['DELETE FROM owner_content WHERE size = 8', [{ account: 'ann', kept: right, counted: right }]],
    [
      `INSERT INTO owner_content SELECT id, 'sha256:none', 1, 1 FROM account WHERE name = 'bob'`,
      [{ account: 'bob', kept: none, counted: none }],
    ],
  ];
  for (const [sql, wrong] of damages) {
    database.run(sql);
    assert.deepEqual(await checks.wrongUsage(), wrong, sql);
    await checks.recountUsage();
    assert.deepEqual(await checks.wrongUsage(), [], sql);
    assert.equal(bytesOfAnn(records), 208);
  }
});

test('stars that are wrong are told and counted anew', async () => {
  await using records = await withLostLinks();
  const { database, checks } = records;
  assert.deepEqual(await checks.wrongStars(), []);
  database.run('UPDATE repository SET stars = 7');
  assert.deepEqual(await checks.wrongStars(), [{ repository: 'ann/app', kept: 7, counted: 0 }]);
  await checks.recountStars();
  assert.deepEqual(await checks.wrongStars(), []);
});

test('a row that refers to none is told', async () => {
  await using records = await withLostLinks();
  const { database, checks } = records;
  assert.deepEqual(await checks.integrity(), []);
  database.run('PRAGMA foreign_keys = OFF');
  database.run('DELETE FROM manifest_content');
  assert.deepEqual(await checks.integrity(), [
    {
      subject: 'repository_manifest',
      problem: 'refers to a row of manifest_content that is not there',
    },
  ]);
});

test('a file that is damaged is told, and is no snapshot', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'hub-checks-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'hub.db');
  await openSqliteRecords(path)[Symbol.asyncDispose]();
  await (await openSqliteSnapshot(path))[Symbol.asyncDispose]();
  const bytes = readFileSync(path);
  // how many pages are free: SQLite's file format, 1.3
  bytes.writeUInt32BE(3, 36);
  writeFileSync(path, bytes);
  await using records = openSqliteRecords(path);
  const problems = await records.checks.integrity();
  assert.ok(problems.length > 0);
  for (const { subject, problem } of problems) {
    assert.equal(subject, 'hub.db');
    assert.match(problem, /Freelist/i);
  }
  await assert.rejects(openSqliteSnapshot(path), { kind: 'invalid', message: /damaged/ });
});
