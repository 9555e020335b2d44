import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import test from 'node:test';
import { silentLog } from '#base/log.ts';
import { type Actor, type Person, reaches } from '../access/index.ts';
import { openSqliteRecords, type SqliteRecords } from '../records/sqlite/index.ts';
import { type HubRooms, hubRooms } from '../rooms.ts';
import { cutToRights, parseScopes, scopesOf } from './scopes.ts';

const read: readonly (readonly [string, string])[] = [
  ['repository:a/b:pull', 'repository a/b pull'],
  ['repository:a/b:pull,push', 'repository a/b pull,push'],
  ['repository(plugin):a/b:pull', 'repository a/b pull'],
  ['repository:host:5000/a:pull', 'repository host:5000/a pull'],
  ['registry:catalog:*', 'registry catalog *'],
  ['repository:a/b:', 'repository a/b '],
  ['a:b:c  d:e:f', 'a b c|d e f'],
  ['', ''],
];

test('scopes are read as clients write them', () => {
  for (const [text, want] of read)
    assert.equal(
      parseScopes([text])
        .map(({ type, name, actions }) => `${type} ${name} ${actions}`)
        .join('|'),
      want,
      text,
    );
  for (const text of ['a', 'a:b', ':', 'a:b:c d'])
    assert.throws(() => parseScopes([text]), { kind: 'invalid' }, text);
});

test('what a token is for is the most that it has of each', () => {
  const scopes = scopesOf(
    parseScopes([
      'repository:a/b:pull repository:a/b:push repository:c/d:* repository:e/f: registry:catalog:*',
    ]),
    'admin',
  );
  assert.deepEqual(
    [...scopes],
    [
      ['a/b', 'write'],
      ['c/d', 'admin'],
      ['', 'read'],
    ],
  );
  assert.deepEqual(
    [...scopesOf(parseScopes(['repository:a/b:pull,push,delete']), 'read')],
    [['a/b', 'read']],
  );
});

const at = '2026-01-01T00:00:00.000Z';
const people = ['p0', 'p1', 'p2', 'p3'];
const organisations = ['o0', 'o1'];

/** Random people, organisations, repositories and grants. */
function someHub(): { records: SqliteRecords; rooms: HubRooms; repositories: readonly string[] } {
  const records = openSqliteRecords(':memory:');
  const rooms = hubRooms(records, { log: silentLog });
  const { database } = records;
  const account = (id: string, kind: string) =>
    database.run(
      "INSERT INTO account (id, name, kind, plan_id, created_at) VALUES (?1, ?1, ?2, 'unlimited', ?3)",
      ...[id, kind, at],
    );
  for (const id of people) {
    account(id, 'user');
    database.run(
      "INSERT INTO user (account_id, password_hash, password_changed_at) VALUES (?, '', ?)",
      id,
      at,
    );
  }
  for (const id of organisations) {
    account(id, 'organisation');
    database.run('INSERT INTO team VALUES (?1, ?1, ?1, ?2)', id, '');
    for (const person of people.filter(() => randomInt(2) === 0)) {
      database.run(
        'INSERT INTO member VALUES (?, ?, ?, ?)',
        id,
        person,
        one(['owner', 'editor', 'member']),
        at,
      );
      if (randomInt(2) === 0) database.run('INSERT INTO team_member VALUES (?, ?)', id, person);
    }
  }
  const repositories = [...people, ...organisations].flatMap((owner) => [`${owner}/x`, `${owner}/y`]);
  for (const name of repositories) {
    const [owner = '', short = ''] = name.split('/');
    const { id } = database.get<{ id: number }>(
      `INSERT INTO repository (owner_id, name, full_name, visibility, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?5, ?5) RETURNING id`,
      ...[owner, short, name, one(['public', 'private', 'private']), at],
    )!;
    const level = one(['read', 'write', 'admin']);
    if (randomInt(3) === 0) database.run('INSERT INTO user_grant VALUES (?, ?, ?)', id, one(people), level);
    if (owner.startsWith('o') && randomInt(2) === 0)
      database.run('INSERT INTO team_grant VALUES (?, ?, ?)', id, owner, level);
  }
  return { records, rooms, repositories };
}

const one = <T>(of: readonly T[]): T => of[randomInt(of.length)]!;

function actors(): readonly Actor[] {
  const person = (id: string, more: Partial<Person> = {}): Person => ({
    ...{ kind: 'person', id, name: id, isAdmin: false, address: '', via: 'password', ceiling: 'admin' },
    ...more,
  });
  return [
    { kind: 'stranger', address: '' },
    ...people.map((id) => person(id)),
    person('p0', { ceiling: 'read' }),
    person('p1', { ceiling: 'write' }),
    person('p2', { isAdmin: true }),
  ];
}

test('whoever asks: no more than one may, and of what one may not read no more than of what is not there', async () => {
  for (let turn = 0; turn < 25; turn += 1) {
    const { records, rooms, repositories } = someHub();
    const { access } = rooms;
    for (const actor of actors())
      for (const name of repositories) {
        const cut = async (of: string) => {
          const asked = parseScopes([`repository:${of}:pull,push,delete`]);
          return (await cutToRights(asked, { actor, access, accounts: records.accounts }))[0]!.actions;
        };
        const level = (await access.find(actor, name))?.level;
        const actions = await cut(name);
        if (level === undefined) assert.deepEqual(actions, await cut(`${name}-none`));
        const wanted = (['read', 'write', 'admin'] as const).filter((each) => reaches(level ?? 'none', each));
        assert.equal(actions.length, wanted.length, `${name}: ${actions} for ${level}`);
      }
    await records[Symbol.asyncDispose]();
  }
});
