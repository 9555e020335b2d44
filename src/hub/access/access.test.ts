import assert from 'node:assert/strict';
import test from 'node:test';
import type { Level } from '../api/accounts.ts';
import { openDatabase } from '../data/index.ts';
import { Access, visibleTo } from './access.ts';
import type { Actor, Person } from './actor.ts';

const at = '2026-01-01T00:00:00.000Z';
const database = openDatabase(':memory:');
const access = new Access(database);
const stranger: Actor = { kind: 'stranger', address: '192.0.2.1' };
const person = (id: string, more: Partial<Person> = {}): Person => ({
  ...{ kind: 'person', id, name: id, isAdmin: false, address: '192.0.2.1', via: 'session', ceiling: 'admin' },
  ...more,
});

for (const id of ['ann', 'bob', 'cat', 'dan', 'eve', 'fay'])
  database.transaction(() => {
    database.run(
      "INSERT INTO account (id, name, kind, plan_id, created_at) VALUES (?1, ?1, 'user', 'free', ?)",
      id,
      at,
    );
    database.run(
      "INSERT INTO user (account_id, password_hash, password_changed_at) VALUES (?, '', ?)",
      id,
      at,
    );
  });
database.run(
  "INSERT INTO account (id, name, kind, plan_id, created_at) VALUES ('org', 'org', 'organisation', 'free', ?)",
  at,
);
for (const [user, role] of [
  ['bob', 'owner'],
  ['cat', 'editor'],
  ['dan', 'member'],
] as const)
  database.run("INSERT INTO member VALUES ('org', ?, ?, ?)", user, role, at);
database.run("INSERT INTO team (id, organisation_id, name) VALUES ('t', 'org', 'readers')");
database.run("INSERT INTO team_member VALUES ('t', 'dan')");
for (const [owner, name, visibility] of [
  ['ann', 'open', 'public'],
  ['ann', 'own', 'private'],
  ['org', 'app', 'private'],
] as const)
  database.run(
    'INSERT INTO repository (owner_id, name, full_name, visibility, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?5)',
    ...[owner, name, `${owner}/${name}`, visibility, at],
  );
const idOf = (name: string) =>
  database.get<{ id: number }>('SELECT id FROM repository WHERE full_name = ?', name)!.id;
database.run("INSERT INTO team_grant VALUES (?, 't', 'write')", idOf('org/app'));
database.run("INSERT INTO user_grant VALUES (?, 'eve', 'read')", idOf('ann/own'));

const cases: readonly (readonly [string, Actor, string, Level | undefined])[] = [
  ['a stranger reads what is public', stranger, 'ann/open', 'read'],
  ['what is private does not exist for a stranger', stranger, 'ann/own', undefined],
  ['what is not there does not either', stranger, 'ann/none', undefined],
  ['an owner', person('ann'), 'ann/own', 'admin'],
  ['an access token is the most its bearer may', person('ann', { ceiling: 'read' }), 'ann/own', 'read'],
  ['someone else', person('fay'), 'ann/own', undefined],
  ['someone else, public', person('fay'), 'ann/open', 'read'],
  ['a grant to a user', person('eve'), 'ann/own', 'read'],
  ["an organisation's owner", person('bob'), 'org/app', 'admin'],
  ['an editor', person('cat'), 'org/app', 'write'],
  ['a member, by a team', person('dan'), 'org/app', 'write'],
  ['an outsider', person('ann'), 'org/app', undefined],
  ['an administrator', person('fay', { isAdmin: true }), 'org/app', 'admin'],
  ['a token for it', person('ann', { scopes: new Map([['ann/own', 'write']]) }), 'ann/own', 'write'],
  ['a token for another', person('ann', { scopes: new Map([['ann/open', 'write']]) }), 'ann/own', undefined],
  [
    'a token gives nothing by itself',
    person('fay', { scopes: new Map([['ann/own', 'admin']]) }),
    'ann/own',
    undefined,
  ],
];

test('what one may do with a repository', () => {
  for (const [what, actor, name, level] of cases) assert.equal(access.find(actor, name)?.level, level, what);
});

test('lists have what can be found, and nothing else', () => {
  const names = database
    .all<{ full_name: string }>('SELECT full_name FROM repository')
    .map((row) => row.full_name);
  const actors = [
    stranger,
    ...['ann', 'bob', 'cat', 'dan', 'eve', 'fay'].map((id) => person(id)),
    person('fay', { isAdmin: true }),
  ];
  for (const actor of actors) {
    const { sql, values } = visibleTo(viewerOf(actor), 1);
    const listed = database.all<{ full_name: string }>(
      `SELECT full_name FROM repository r WHERE ${sql}`,
      ...values,
    );
    assert.deepEqual(
      listed.map((row) => row.full_name),
      names.filter((name) => access.find(actor, name) !== undefined),
      actor.kind === 'person' ? actor.id : 'a stranger',
    );
  }
});
