import assert from 'node:assert/strict';
import test from 'node:test';
import { aRepository, aUser, audited } from '../../../test/fixtures/hub-records/seed.ts';
import type { Actor, Person } from '../access/actor.ts';
import type { Records, UserRecord } from '../records/index.ts';
import { openSqliteRecords } from '../records/sqlite/index.ts';
import { searchRepositories } from './search.ts';

const stranger: Actor = { kind: 'stranger', address: '192.0.2.1' };
const personOf = ({ id, name }: UserRecord, more: Partial<Person> = {}): Person => ({
  ...{ kind: 'person', id, name, isAdmin: false, address: '192.0.2.1', via: 'session', ceiling: 'admin' },
  ...more,
});

interface Made {
  readonly description?: string;
  readonly overview?: string;
  readonly stars?: readonly UserRecord[];
  readonly pulls?: number;
}

async function repository(records: Records, owner: UserRecord, name: string, made: Made = {}) {
  const { stars = [], pulls = 0, ...settings } = made;
  const one = await aRepository(records, owner.id, `ann/${name}`, 'public');
  await records.repositories.change(one, settings, audited);
  for (const { id } of stars) await records.stars.set(one, id, true);
  const day = { day: '2026-01-01', at: '2026-01-01T00:00:00.000Z' };
  if (pulls > 0) await records.pulls.add([{ repositoryId: one.id, pulls, ...day }]);
  return one;
}

const search = (records: Records, text: string, actor: Actor = stranger, page = 1) =>
  searchRepositories({ records }, actor, { text, page, size: 25, offset: 25 * (page - 1) });
const find = async (records: Records, text: string, actor: Actor = stranger) =>
  (await search(records, text, actor)).items.map(({ name }) => name);

test('ranks: name, its beginning, its words, their beginnings, description, overview; then stars and pulls', async () => {
  await using records = openSqliteRecords(':memory:');
  const ann = await aUser(records, 'ann');
  const make = (name: string, made?: Made) => repository(records, ann, name, made);
  await make('seventh', { overview: 'a Nginx', pulls: 1_000_000 });
  await make('sixth', { description: 'Ngïnx, served', pulls: 5 });
  await make('fifth-nginxes');
  await make('fourth.nginx', { pulls: 20 });
  await make('third-nginx', { stars: [ann] });
  await make('nginx-second');
  await make('nginx');
  await make('other', { description: 'something else' });
  assert.deepEqual(await find(records, 'nginx'), [
    ...['ann/nginx', 'ann/nginx-second', 'ann/third-nginx', 'ann/fourth.nginx'],
    ...['ann/fifth-nginxes', 'ann/sixth', 'ann/seventh'],
  ]);
  assert.deepEqual(await find(records, ' NGÏ '), await find(records, 'ngi'));
  assert.deepEqual((await find(records, 'ann/nginx'))[0], 'ann/nginx');
  assert.deepEqual(await find(records, 'nginx second'), ['ann/nginx-second']);
  assert.deepEqual(await find(records, 'nginx nothing'), []);
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
test('whatever is typed is words, and never the language of queries', async () => {
  await using records = openSqliteRecords(':memory:');
  const ann = await aUser(records, 'ann');
  const secret = await repository(records, ann, 'nginx', { description: 'or b words a' });
  await records.repositories.change(secret, { visibility: 'private' }, audited);
  await repository(records, ann, 'open', { description: 'words' });
  for (const text of [...hostile, `\ue002${ann.id}`])
    assert.ok(
      (await find(records, text)).every((name) => name === 'ann/open'),
      JSON.stringify(text.slice(0, 20)),
    );
  assert.deepEqual(
    await find(records, '\ue002ann', personOf(ann)),
    await find(records, 'ann', personOf(ann)),
  );
});

test('a token for some repositories searches as a stranger does; one for the catalogue as who has it', async () => {
  await using records = openSqliteRecords(':memory:');
  const ann = await aUser(records, 'ann');
  await aRepository(records, ann.id, 'ann/secret');
  const scoped = (name: string) =>
    personOf(ann, { via: 'registry-token', scopes: new Map([[name, 'read']]) });
  assert.deepEqual(await find(records, 'secret', personOf(ann)), ['ann/secret']);
  assert.deepEqual(await find(records, 'secret', scoped('')), ['ann/secret']);
  assert.deepEqual(await find(records, 'secret', scoped('ann/secret')), []);
  assert.deepEqual(await find(records, 'secret', personOf(ann, { id: 'other', isAdmin: true })), [
    'ann/secret',
  ]);
});

test('where too many fit, the best by name and the most popular are found, and pages of them', async () => {
  await using records = openSqliteRecords(':memory:');
  const ann = await aUser(records, 'ann');
  for (let i = 0; i < 400; i += 1)
    await repository(records, ann, `i${i}`, { description: 'an image', pulls: i % 7 === 0 ? 0 : i });
  await repository(records, ann, 'image');
  await repository(records, ann, 'my-image', { pulls: 1 });
  await repository(records, ann, 'popular', { description: 'image', pulls: 1_000_000 });
  assert.deepEqual((await find(records, 'image')).slice(0, 3), ['ann/image', 'ann/my-image', 'ann/popular']);
  const pages = [];
  for (let page = 1; page <= 9; page += 1) pages.push(await search(records, 'image', stranger, page));
  const names = pages.flatMap(({ items }) => items.map(({ name }) => name));
  assert.equal(new Set(names).size, names.length);
  assert.equal(names.length, pages[0]!.total);
  assert.equal(names.length, 100);
});
