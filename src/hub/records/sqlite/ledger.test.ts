import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import test from 'node:test';
import type { Database } from '#state/database.ts';
import { ledgerContract } from '../../../../test/fixtures/hub-records/ledger-contract.ts';
import { LimitReached } from '../limit-reached.ts';
import { openSqliteRecords } from './index.ts';
import { Ledger } from './ledger.ts';

ledgerContract('SQLite', (options) => openSqliteRecords(':memory:', options));

const at = '2026-01-01T00:00:00.000Z';

function withOwners(): {
  database: Database;
  ledger: Ledger;
  repository: (owner: string, visibility: string) => number;
} {
  const database = openSqliteRecords(':memory:').database;
  for (const [id, plan] of [
    ['a', 'unlimited'],
    ['b', 'free'],
  ] as const)
    database.run(
      "INSERT INTO account (id, name, kind, plan_id, created_at) VALUES (?, ?1, 'user', ?, ?)",
      id,
      plan,
      at,
    );
  const ledger = new Ledger(database);
  let count = 0;
  const repository = (owner: string, visibility: string): number => {
    count += 1;
    const { id } = database.get<{ id: number }>(
      `INSERT INTO repository (owner_id, name, full_name, visibility, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, ?5) RETURNING id`,
      owner,
      `r${count}`,
      `${owner}/r${count}`,
      visibility,
      at,
    )!;
    ledger.repositoryAdded(id);
    return id;
  };
  return { database, ledger, repository };
}

function link(
  { database, ledger }: ReturnType<typeof withOwners>,
  repository: number,
  digest: string,
  size: number,
): void {
  database.transaction(() => {
    database.run('INSERT OR IGNORE INTO blob (digest, size, created_at) VALUES (?, ?, ?)', digest, size, at);
    const added = database.run(
      'INSERT OR IGNORE INTO repository_blob VALUES (?, ?, ?)',
      repository,
      digest,
      at,
    );
    if (added > 0) ledger.link(repository, { digest, size });
  });
}

const counted = (database: Database, owner: string) =>
  database.get<{ private_bytes: number; private_repositories: number }>(
    'SELECT private_bytes, private_repositories FROM account WHERE id = ?',
    owner,
  )!;

/** The same, from the links themselves. */
const summed = (database: Database, owner: string) =>
  database.get<{ private_bytes: number; private_repositories: number }>(
    `SELECT coalesce((SELECT sum(size) FROM (SELECT DISTINCT b.digest, b.size FROM repository r
              JOIN repository_blob l ON l.repository_id = r.id JOIN blob b ON b.digest = l.digest
              WHERE r.owner_id = ?1 AND r.visibility = 'private')), 0) AS private_bytes,
            (SELECT count(*) FROM repository WHERE owner_id = ?1 AND visibility = 'private') AS private_repositories`,
    owner,
  )!;

test('usage is what private repositories hold, each content once, whatever happens in whatever order', () => {
  const hub = withOwners();
  const { database, ledger } = hub;
  const repositories = ['a', 'a', 'a', 'b', 'b'].map((owner, i) =>
    hub.repository(owner, i % 2 ? 'public' : 'private'),
  );
  for (let turn = 0; turn < 1500; turn += 1) {
    const repository = repositories[randomInt(repositories.length)]!;
    const n = randomInt(12);
    const digest = `sha256:${n}`;
    const act = randomInt(10);
    if (act < 5) link(hub, repository, digest, n * 1000 + 1);
    else if (act < 8)
      database.transaction(() => {
        if (
          database.run(
            'DELETE FROM repository_blob WHERE repository_id = ? AND digest = ?',
            repository,
            digest,
          ) > 0
        )
          ledger.unlink(repository, digest);
      });
    else database.transaction(() => ledger.setVisibility(repository, act === 8 ? 'public' : 'private'));
    for (const owner of ['a', 'b'])
      assert.deepEqual(counted(database, owner), summed(database, owner), `turn ${turn}`);
  }
});

test('what a plan has no room for is refused, and nothing of it is counted', () => {
  const hub = withOwners();
  const { database, ledger } = hub;
  database.run("UPDATE plan SET private_bytes = 100, private_repositories = 2 WHERE id = 'free'");
  const [one, two] = [hub.repository('b', 'private'), hub.repository('b', 'private')];
  assert.throws(() => database.transaction(() => hub.repository('b', 'private')), LimitReached);
  link(hub, one, 'sha256:1', 60);
  link(hub, two, 'sha256:1', 60);
  assert.throws(() => link(hub, two, 'sha256:2', 41), { limit: 'private_bytes' });
  assert.equal(counted(database, 'b').private_bytes, 60);
  link(hub, two, 'sha256:3', 40);
  const open = hub.repository('b', 'public');
  link(hub, open, 'sha256:4', 1000);
  assert.throws(() => database.transaction(() => ledger.setVisibility(open, 'private')), LimitReached);
  assert.deepEqual(counted(database, 'b'), summed(database, 'b'));
});
