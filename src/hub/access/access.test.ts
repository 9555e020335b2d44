import assert from 'node:assert/strict';
import test from 'node:test';
import { populate } from '../../../test/fixtures/hub-records/access-contract.ts';
import { audited } from '../../../test/fixtures/hub-records/seed.ts';
import type { Level } from '../api/accounts.ts';
import { viewerOf } from '../records/index.ts';
import { openSqliteRecords } from '../records/sqlite/index.ts';
import { Access } from './access.ts';
import type { Actor, Person } from './actor.ts';

const { records, ids } = await populate(openSqliteRecords(':memory:'));
const access = new Access(records.access);
const stranger: Actor = { kind: 'stranger', address: '192.0.2.1' };
const person = (name: string, more: Partial<Person> = {}): Person => ({
  ...{ kind: 'person', id: ids[name]!, name, isAdmin: false, address: '192.0.2.1' },
  ...{ via: 'session', ceiling: 'admin' },
  ...more,
});

const scoped = (name: string, repository: string, level: Level): Person =>
  person(name, { scopes: new Map([[repository, level]]) });

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
  ['a member, by a team', person('gil'), 'org/app', 'write'],
  ['an outsider', person('ann'), 'org/app', undefined],
  ['an administrator', person('root', { isAdmin: true }), 'org/app', 'admin'],
  [
    'an administrator with a token that reads',
    person('root', { isAdmin: true, ceiling: 'read' }),
    'org/app',
    'read',
  ],
  ['a token for it', scoped('ann', 'ann/own', 'write'), 'ann/own', 'write'],
  ['a token for another', scoped('ann', 'ann/open', 'write'), 'ann/own', undefined],
  ['a token for another, public', scoped('ann', 'ann/own', 'write'), 'ann/open', undefined],
  ['a token gives nothing by itself', scoped('fay', 'ann/own', 'admin'), 'ann/own', undefined],
];

test('what one may do with a repository', async () => {
  for (const [what, actor, name, level] of cases)
    assert.equal((await access.find(actor, name))?.level, level, what);
});

const inAccounts: readonly (readonly [string, Actor, account: string, Level | 'none'])[] = [
  ['a stranger', stranger, 'ann', 'none'],
  ['its own', person('ann'), 'ann', 'admin'],
  ['its own, with a token that reads', person('ann', { ceiling: 'read' }), 'ann', 'read'],
  ["another's", person('fay'), 'ann', 'none'],
  ["an organisation's owner", person('bob'), 'org', 'admin'],
  ['an editor', person('cat'), 'org', 'write'],
  ['an editor, with a token that reads', person('cat', { ceiling: 'read' }), 'org', 'read'],
  ['a member', person('dan'), 'org', 'read'],
  ['an outsider', person('ann'), 'org', 'none'],
  ['an administrator', person('root', { isAdmin: true }), 'org', 'admin'],
];

test('what one may do in an account', async () => {
  for (const [what, actor, account, level] of inAccounts)
    assert.equal(await access.inAccount(actor, ids[account]!), level, what);
});

test('lists have what can be found, and nothing else', async () => {
  const actors = [
    stranger,
    ...['ann', 'bob', 'cat', 'dan', 'eve', 'fay', 'gil'].map((name) => person(name)),
    person('root', { isAdmin: true }),
  ];
  for (const actor of actors) {
    const found: string[] = [];
    for (const name of ['ann/open', 'ann/own', 'org/app'])
      if ((await access.find(actor, name)) !== undefined) found.push(name);
    const all = { sort: 'name', offset: 0, size: 100, most: 100 } as const;
    const { items } = await records.repositories.list(viewerOf(actor), all);
    const who = actor.kind === 'person' ? actor.name : 'a stranger';
    assert.deepEqual(
      items.map(({ name }) => name),
      found,
      who,
    );
  }
});

test('a right that is taken away is gone', async () => {
  const { repository } = (await access.find(person('eve'), 'ann/own'))!;
  await records.grants.remove(repository, { kind: 'user', name: 'eve' }, audited);
  assert.equal(await access.find(person('eve'), 'ann/own'), undefined);
});
