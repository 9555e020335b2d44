import assert from 'node:assert/strict';
import test from 'node:test';
import type { Database } from '#state/database.ts';
import type { Actor, Person } from '../access/actor.ts';
import { openDatabase } from '../data/index.ts';
import { searchRepositories } from './search.ts';
import { checkSearchIndex, mergeSearchIndex, rebuildSearchIndex } from './search-index.ts';
import { fold, searched } from './search-words.ts';

const at = '2026-01-01T00:00:00.000Z';
const stranger: Actor = { kind: 'stranger', address: '192.0.2.1' };
const person = (id: string, more: Partial<Person> = {}): Person => ({
  ...{ kind: 'person', id, name: id, isAdmin: false, address: '192.0.2.1', via: 'session', ceiling: 'admin' },
  ...more,
});

function account(database: Database, id: string, kind: 'user' | 'organisation' = 'user'): void {
  database.run(
    "INSERT INTO account (id, name, kind, plan_id, created_at) VALUES (?1, ?1, ?, 'unlimited', ?)",
    ...[id, kind, at],
  );
  if (kind === 'user')
    database.run(
      "INSERT INTO user (account_id, password_hash, password_changed_at) VALUES (?, '', ?)",
      id,
      at,
    );
}

interface Made {
  readonly visibility?: string;
  readonly description?: string;
  readonly overview?: string;
  readonly stars?: number;
  readonly pulls?: number;
}

function repository(database: Database, fullName: string, made: Made = {}): number {
  const [owner = '', ...name] = fullName.split('/');
  const { visibility = 'public', description = '', overview = '', stars = 0, pulls = 0 } = made;
  return database.get<{ id: number }>(
    `INSERT INTO repository (owner_id, name, full_name, visibility, description, overview, stars, pulls, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?9, ?9) RETURNING id`,
    ...[owner, name.join('/'), fullName, visibility, description, overview, stars, pulls, at],
  )!.id;
}

const find = (database: Database, text: string, actor: Actor = stranger): readonly string[] =>
  searchRepositories(database, actor, { text, page: 1, size: 25, offset: 0 }).items.map(({ name }) => name);

test('ranks: name, its beginning, its words, their beginnings, description, overview; then stars and pulls', () => {
  const database = openDatabase(':memory:');
  for (const id of ['ann', 'nginx']) account(database, id);
  repository(database, 'ann/seventh', { overview: 'a Nginx', pulls: 1_000_000 });
  repository(database, 'ann/sixth', { description: 'Ngïnx, served', pulls: 5 });
  repository(database, 'ann/fifth-nginxes');
  repository(database, 'ann/fourth.nginx', { pulls: 20 });
  repository(database, 'ann/third-nginx', { stars: 1 });
  repository(database, 'ann/nginx-second');
  repository(database, 'ann/nginx');
  repository(database, 'ann/other', { description: 'something else' });
  assert.deepEqual(find(database, 'nginx'), [
    ...['ann/nginx', 'ann/nginx-second', 'ann/third-nginx', 'ann/fourth.nginx'],
    ...['ann/fifth-nginxes', 'ann/sixth', 'ann/seventh'],
  ]);
  assert.deepEqual(find(database, ' NGÏ '), find(database, 'ngi'));
  assert.deepEqual(find(database, 'ann/nginx')[0], 'ann/nginx');
  assert.deepEqual(find(database, 'nginx second'), ['ann/nginx-second']);
  assert.deepEqual(find(database, 'nginx nothing'), []);
});

const hostile = [
  ...[
    '"',
    '""',
    '*',
    '(',
    ')',
    'a"b',
    'a* OR b*',
    'NEAR(a b)',
    'words : a',
    '{words} : a',
    '-a',
    '^a',
    "a'b",
  ],
  ...['\u0000', 'a\u0000b', 'ue0011', '\ue0016', '\ue002ann', '\ue000nginx', 'a'.repeat(100_000), ''],
  ...['\u19b0', 'x\u19b0x', '\u1cf2', 'e\u0301', '\ud800', '%', '_'],
];
test('whatever is typed is words, and never the language of queries', () => {
  const database = openDatabase(':memory:');
  account(database, 'ann');
  repository(database, 'ann/nginx', { visibility: 'private', description: 'or b words a' });
  repository(database, 'ann/open', { description: 'words' });
  for (const text of hostile)
    assert.ok(
      find(database, text).every((name) => name === 'ann/open'),
      JSON.stringify(text.slice(0, 20)),
    );
  assert.deepEqual(find(database, '\ue002ann', person('ann')), find(database, 'ann', person('ann')));
});

test('letters and digits are one word to the index where they are one word here', () => {
  const database = openDatabase(':memory:');
  const letters = [];
  for (let code = 0x80; code < 0x110000; code += code < 0x3000 ? 1 : 41) {
    if (code >= 0xd800 && code < 0xe000) continue;
    const folded = fold(`x${String.fromCodePoint(code)}x`);
    if (searched(folded).words[0] === folded) letters.push(folded);
  }
  assert.ok(letters.length > 5000);
  for (const word of letters)
    database.all('SELECT rowid FROM public_text WHERE public_text MATCH ? LIMIT 1', `"${word}"*`);
});

test('what is private is found by those who may pull it, at once and no longer than they may', () => {
  const database = openDatabase(':memory:');
  for (const id of ['ann', 'bob', 'cat', 'dan', 'eve']) account(database, id);
  account(database, 'org', 'organisation');
  for (const [user, role] of [
    ['bob', 'owner'],
    ['cat', 'member'],
    ['dan', 'member'],
  ] as const)
    database.run("INSERT INTO member VALUES ('org', ?, ?, ?)", user, role, at);
  database.run("INSERT INTO team (id, organisation_id, name) VALUES ('t1', 'org', 'readers')");
  database.run("INSERT INTO team_member VALUES ('t1', 'cat')");
  const own = repository(database, 'ann/secret', { visibility: 'private' });
  const shared = repository(database, 'org/secret', { visibility: 'private' });
  const whoFinds = (name: string) =>
    ['ann', 'bob', 'cat', 'dan', 'eve'].filter((id) => find(database, 'secret', person(id)).includes(name));
  assert.deepEqual(find(database, 'secret'), []);
  assert.deepEqual(find(database, 'secret', person('eve', { isAdmin: true })), ['ann/secret', 'org/secret']);
  assert.deepEqual(whoFinds('ann/secret'), ['ann']);
  assert.deepEqual(whoFinds('org/secret'), ['bob']);
  database.run("INSERT INTO team_grant VALUES (?, 't1', 'read')", shared);
  assert.deepEqual(whoFinds('org/secret'), ['bob', 'cat']);
  database.run("INSERT INTO user_grant VALUES (?, 'eve', 'read')", own);
  assert.deepEqual(whoFinds('ann/secret'), ['ann', 'eve']);
  const token = person('ann', { via: 'registry-token', scopes: new Map([['ann/other', 'read']]) });
  assert.deepEqual(find(database, 'secret', token), []);
  database.run("DELETE FROM team WHERE id = 't1'");
  database.run("DELETE FROM account WHERE id = 'eve'");
  assert.deepEqual(whoFinds('org/secret'), ['bob']);
  database.run("UPDATE repository SET visibility = 'public' WHERE id = ?", own);
  assert.deepEqual(find(database, 'secret'), ['ann/secret']);
  database.run("UPDATE repository SET visibility = 'private' WHERE id = ?", own);
  assert.deepEqual(find(database, 'secret'), []);
  assert.deepEqual(checkSearchIndex(database), []);
  database.run('DELETE FROM repository WHERE id = ?', own);
  assert.deepEqual(find(database, 'secret', person('ann')), []);
});

test('where too many fit, the best by name and the most popular are found, and pages of them', () => {
  const database = openDatabase(':memory:');
  account(database, 'ann');
  database.transaction(() => {
    for (let i = 0; i < 1500; i += 1)
      repository(database, `ann/i${i}`, { description: 'an image', pulls: i % 7 === 0 ? 0 : i });
    repository(database, 'ann/image');
    repository(database, 'ann/my-image', { pulls: 1 });
    repository(database, 'ann/popular', { description: 'image', pulls: 1_000_000 });
  });
  assert.deepEqual(find(database, 'image').slice(0, 3), ['ann/image', 'ann/my-image', 'ann/popular']);
  const pages = [1, 2, 3, 4, 5, 6, 7, 8, 9].map((page) =>
    searchRepositories(database, stranger, { text: 'image', page, size: 25, offset: (page - 1) * 25 }),
  );
  const names = pages.flatMap(({ items }) => items.map(({ name }) => name));
  assert.equal(new Set(names).size, names.length);
  assert.equal(names.length, pages[0]!.total);
  assert.equal(names.length, 100);
});

test('a check finds what the index lacks or has too much, and it can be made anew', () => {
  const database = openDatabase(':memory:');
  account(database, 'ann');
  const open = repository(database, 'ann/open');
  const secret = repository(database, 'ann/secret', { visibility: 'private' });
  assert.deepEqual(checkSearchIndex(database), []);
  database.run('DELETE FROM public_text WHERE rowid = ?', open);
  database.run("INSERT INTO public_text (rowid, words, marks) VALUES (?, 'secret', '')", secret);
  assert.equal(checkSearchIndex(database).length, 2);
  assert.deepEqual(find(database, 'secret'), []);
  rebuildSearchIndex(database);
  assert.deepEqual(checkSearchIndex(database), []);
  assert.deepEqual(find(database, 'open'), ['ann/open']);
  assert.deepEqual(find(database, 'secret', person('ann')), ['ann/secret']);
});

test('the index is merged in steps that end, and finds the same', () => {
  const database = openDatabase(':memory:');
  account(database, 'ann');
  for (let i = 0; i < 3000; i += 1)
    repository(database, `ann/i${i}`, {
      visibility: i % 2 === 0 ? 'public' : 'private',
      overview: `x${i} common`,
    });
  const segments = () =>
    database.get<{ n: number }>('SELECT count(DISTINCT segid) AS n FROM public_text_idx')!.n;
  const [before, found] = [segments(), find(database, 'common', person('ann'))];
  let steps = 0;
  while (mergeSearchIndex(database)) assert.ok(++steps < 10_000);
  assert.ok(segments() < before, `${segments()} of ${before}`);
  assert.equal(mergeSearchIndex(database), false);
  assert.deepEqual(find(database, 'common', person('ann')), found);
  assert.deepEqual(checkSearchIndex(database), []);
});
