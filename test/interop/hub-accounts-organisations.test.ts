import assert from 'node:assert/strict';
import test from 'node:test';
import type { Account, Invitation, Member, Session, Team, TeamDetail } from '#hub/api/index.ts';
import { aRepository, audited } from '../fixtures/hub-records/seed.ts';
import { Browser, browserOf, type ServedAccounts, serveAccounts } from './hub-accounts-fixture.ts';

const password = 'a long enough one';
const names = ['chief', 'ann', 'bob', 'cat', 'dan'] as const;
type Everyone = Readonly<Record<(typeof names)[number] | 'stranger', Browser>>;

async function withEveryone(): Promise<{ served: ServedAccounts; as: Everyone } & AsyncDisposable> {
  const served = await serveAccounts();
  const as: Record<string, Browser> = { stranger: await new Browser(served).open() };
  for (const name of names) {
    await served.accounts.users.create({ name, password, isAdmin: name === 'chief' });
    as[name] = await browserOf(served, name, password);
  }
  return { served, as: as as Everyone, [Symbol.asyncDispose]: () => served[Symbol.asyncDispose]() };
}

async function addRepository({ rooms: { records } }: ServedAccounts, owner: string, name: string) {
  const { id } = (await records.accounts.find(owner))!;
  return aRepository(records, id, `${owner}/${name}`);
}

test('an organisation: who sees and does what in it', async () => {
  await using all = await withEveryone();
  const { as } = all;
  const made = await as.ann.ask<Account>('POST /api/organisations', { name: 'org', displayName: 'The Org' });
  assert.deepEqual([made.status, made.body.role], [201, 'owner']);
  const at = '/api/organisations/org';
  assert.equal((await as.ann.ask(`PUT ${at}/members/bob`, { role: 'editor' })).status, 204);
  assert.equal((await as.ann.ask(`PUT ${at}/members/cat`, { role: 'member' })).status, 204);

  const askers = ['stranger', 'dan', 'cat', 'bob', 'ann', 'chief'] as const;
  const table: readonly (readonly [line: string, body: unknown, ...statuses: readonly number[]])[] = [
    [`GET ${at}/members`, undefined, 401, 403, 200, 200, 200, 200],
    [`GET ${at}/teams`, undefined, 401, 403, 200, 200, 200, 200],
    [`GET ${at}/invitations`, undefined, 401, 403, 403, 403, 200, 200],
    [`POST ${at}/teams`, { name: 'x!' }, 401, 403, 403, 403, 400, 400],
    [`PATCH ${at}`, { defaultVisibility: 'nothing' }, 401, 403, 403, 403, 400, 400],
    [`PUT ${at}/members/nobody`, { role: 'member' }, 401, 403, 403, 403, 404, 404],
    [`DELETE ${at}/members/nobody`, undefined, 401, 403, 403, 403, 404, 404],
    [`POST ${at}/invitations`, { email: 'x' }, 401, 403, 403, 403, 400, 400],
    [`GET ${at}/teams/none`, undefined, 401, 403, 404, 404, 404, 404],
    ['GET /api/organisations/none/members', undefined, 404, 404, 404, 404, 404, 404],
    ['GET /api/organisations/ann/members', undefined, 404, 404, 404, 404, 404, 404],
  ];
  for (const [line, body, ...statuses] of table)
    for (const [index, who] of askers.entries())
      assert.equal((await as[who].ask(line, body)).status, statuses[index], `${line} by ${who}`);

  const roles = ['stranger', 'dan', 'cat', 'bob', 'ann', 'chief'] as const;
  const seen = await Promise.all(
    roles.map(async (who) => (await as[who].ask<Account>('GET /api/accounts/org')).body),
  );
  assert.deepEqual(
    seen.map(({ role }) => role),
    [undefined, undefined, 'member', 'editor', 'owner', 'owner'],
  );
  assert.deepEqual(Object.keys(seen[0]!), ['name', 'kind', 'displayName', 'createdAt']);
  const face = (await as.dan.ask<Account>('GET /api/accounts/ann')).body;
  assert.deepEqual([face.name, face.kind, face.role], ['ann', 'user', undefined]);
  assert.equal((await as.ann.ask<Account>('GET /api/accounts/ann')).body.role, 'owner');
  assert.equal((await as.ann.ask('GET /api/accounts/none')).status, 404);
  const { body: members } = await as.cat.ask<Member[]>(`GET ${at}/members`);
  assert.deepEqual(
    members.map(({ name, role, teams }) => [name, role, teams]),
    [
      ['ann', 'owner', []],
      ['bob', 'editor', []],
      ['cat', 'member', []],
    ],
  );
});

test('an organisation keeps an owner, and its repositories keep it', async () => {
  await using all = await withEveryone();
  const { as, served } = all;
  await as.ann.ask('POST /api/organisations', { name: 'org' });
  const at = '/api/organisations/org';
  assert.equal((await as.ann.ask(`DELETE ${at}/members/ann`)).status, 409);
  assert.equal((await as.ann.ask(`PUT ${at}/members/ann`, { role: 'member' })).status, 409);
  assert.equal((await as.ann.ask(`PUT ${at}/members/bob`, { role: 'king' })).status, 400);
  await as.ann.ask(`PUT ${at}/members/bob`, { role: 'owner' });
  assert.equal((await as.ann.ask(`DELETE ${at}/members/ann`)).status, 204, 'one of two may leave');
  assert.equal((await as.ann.ask(`GET ${at}/members`)).status, 403);
  assert.equal((await as.bob.ask(`DELETE ${at}/members/bob`)).status, 409);
  await as.bob.ask(`PUT ${at}/members/cat`, { role: 'member' });
  assert.equal((await as.cat.ask(`DELETE ${at}/members/bob`)).status, 403);
  assert.equal((await as.cat.ask(`DELETE ${at}/members/cat`)).status, 204);

  const changed = await as.bob.ask<Account>(`PATCH ${at}`, {
    displayName: 'Org',
    defaultVisibility: 'public',
  });
  assert.deepEqual([changed.body.displayName, changed.body.defaultVisibility], ['Org', 'public']);
  const repository = await addRepository(served, 'org', 'app');
  assert.equal((await as.bob.ask(`DELETE ${at}`)).status, 409);
  await served.rooms.records.repositories.remove(repository, audited);
  assert.equal((await as.bob.ask(`DELETE ${at}`)).status, 204);
  assert.equal((await as.bob.ask('GET /api/accounts/org')).status, 404);
});

test('users and organisations have one set of names', async () => {
  await using all = await withEveryone();
  const { as } = all;
  for (const [name, status] of [
    ['bob', 409],
    ['api', 400],
    ['Org', 400],
    ['o', 400],
    ['-org', 400],
    ['org', 201],
    ['org', 409],
  ] as const) {
    const reply = await as.ann.ask('POST /api/organisations', { name });
    assert.equal(reply.status, status, name);
    if (status !== 201) assert.equal(reply.body['field'], 'name');
  }
  await assert.rejects(() => all.served.accounts.users.create({ name: 'org', password }), {
    kind: 'conflict',
  });
});

test('teams: made, filled, changed, and no way to see what one may not', async () => {
  await using all = await withEveryone();
  const { as, served } = all;
  await as.ann.ask('POST /api/organisations', { name: 'org' });
  const at = '/api/organisations/org';
  for (const name of ['bob', 'cat']) await as.ann.ask(`PUT ${at}/members/${name}`, { role: 'member' });
  const made = await as.ann.ask<Team>(`POST ${at}/teams`, { name: 'core', description: 'The core' });
  assert.deepEqual(made.body, { name: 'core', description: 'The core', members: 0, repositories: 0 });
  assert.equal((await as.ann.ask(`POST ${at}/teams`, { name: 'core' })).status, 409);
  assert.equal((await as.ann.ask(`PUT ${at}/teams/core/members/bob`)).status, 204);
  assert.equal((await as.ann.ask(`PUT ${at}/teams/core/members/bob`)).status, 204, 'twice is once');
  assert.equal((await as.ann.ask(`PUT ${at}/teams/core/members/dan`)).status, 409, 'not in the organisation');
  assert.equal((await as.ann.ask(`PUT ${at}/teams/none/members/bob`)).status, 404);
  const repository = await addRepository(served, 'org', 'app');
  const { grants } = served.rooms.records;
  await grants.set(repository, { kind: 'team', name: 'core' }, 'write', audited);
  const detail = async (who: Browser) => (await who.ask<TeamDetail>(`GET ${at}/teams/core`)).body;
  const ofBob = await detail(as.bob);
  assert.deepEqual(ofBob.grants, [{ repository: 'org/app', level: 'write' }]);
  assert.deepEqual(ofBob.people, [{ name: 'bob', displayName: '' }]);
  const ofCat = await detail(as.cat);
  assert.deepEqual([ofCat.grants, ofCat.repositories], [[], 0], 'who may not read it does not see it');
  const { body: listed } = await as.cat.ask<Team[]>(`GET ${at}/teams`);
  assert.deepEqual(listed, [{ name: 'core', description: 'The core', members: 1, repositories: 0 }]);

  const renamed = await as.ann.ask<Team>(`PATCH ${at}/teams/core`, { name: 'heart' });
  assert.deepEqual(renamed.body, { name: 'heart', description: 'The core', members: 1, repositories: 1 });
  assert.equal((await as.ann.ask(`DELETE ${at}/teams/heart/members/cat`)).status, 404);
  await as.ann.ask(`DELETE ${at}/members/bob`);
  assert.deepEqual((await as.ann.ask<TeamDetail>(`GET ${at}/teams/heart`)).body.people, []);
  assert.equal((await as.ann.ask(`DELETE ${at}/teams/heart`)).status, 204);
  assert.deepEqual((await as.ann.ask(`GET ${at}/teams`)).body, []);
});

test('invitations to an organisation: once, for a week, by who may still invite', async () => {
  await using all = await withEveryone();
  const { as, served } = all;
  await as.ann.ask('POST /api/organisations', { name: 'org' });
  const at = '/api/organisations/org';
  const invite = async (by = as.ann) =>
    (await by.ask<Invitation>(`POST ${at}/invitations`, { email: '', role: 'editor' })).body;
  const accept = (who: Browser, code: string | undefined, isDry = false) =>
    who.ask<Invitation>('POST /api/invitations/accept', { code, isDry });

  const first = await invite();
  assert.match(first.code!, /^hhi_/);
  const looked = await accept(as.stranger, first.code, true);
  assert.deepEqual([looked.status, looked.body.organisation, looked.body.code], [200, 'org', undefined]);
  assert.equal((await accept(as.stranger, first.code)).status, 401);
  const joined = await accept(as.bob, first.code);
  assert.deepEqual([joined.status, joined.body.usedBy], [200, 'bob']);
  assert.equal((await as.bob.ask<Account>('GET /api/accounts/org')).body.role, 'editor');
  assert.equal((await accept(as.cat, first.code)).status, 404, 'used');
  assert.equal((await accept(as.bob, (await invite()).code)).status, 409, 'a member already');

  const dropped = await invite();
  assert.equal((await as.bob.ask(`DELETE ${at}/invitations/${dropped.id}`)).status, 403);
  assert.equal((await as.ann.ask(`DELETE ${at}/invitations/${dropped.id}`)).status, 204);
  assert.equal((await accept(as.cat, dropped.code)).status, 404);
  await as.ann.ask(`PUT ${at}/members/dan`, { role: 'owner' });
  const ofDan = await invite(as.dan);
  await as.ann.ask(`PUT ${at}/members/dan`, { role: 'member' });
  assert.equal((await accept(as.cat, ofDan.code)).status, 404, 'its maker owns nothing there now');
  const late = await invite();
  served.clock.now = new Date(served.clock.now.getTime() + 7 * 24 * 60 * 60 * 1000);
  assert.equal((await accept(as.cat, late.code)).status, 404, 'expired');
  const { body: listed } = await as.ann.ask<Invitation[]>(`GET ${at}/invitations`);
  assert.equal(
    listed.some((invitation) => 'code' in invitation),
    false,
  );
  assert.deepEqual(listed.map(({ usedBy }) => usedBy).filter(Boolean), ['bob']);
});

test('signing up: closed, by invitation, open', async () => {
  await using all = await withEveryone();
  const { as, served } = all;
  const set = (signUp: 'open' | 'invitation' | 'closed') =>
    served.rooms.records.settings.change((before) => ({ ...before, signUp }), audited);
  const signUp = async (form: Readonly<Record<string, string>>) => {
    const browser = await new Browser(served).open();
    const reply = await browser.ask<Session & { code?: string; field?: string }>('POST /api/users', {
      password,
      ...form,
    });
    browser.csrf = reply.body.csrf;
    return { ...reply, browser };
  };
  assert.equal((await signUp({ name: 'eve' })).body.code, 'sign-up-closed');
  await set('invitation');
  assert.equal((await signUp({ name: 'eve' })).body.code, 'sign-up-closed');
  const wrong = await signUp({ name: 'eve', invitation: 'hhi_no' });
  assert.deepEqual([wrong.status, wrong.body.field], [404, 'invitation']);
  assert.equal((await as.ann.ask('POST /api/admin/invitations', { email: '' })).status, 403);
  const invited = await as.chief.ask<Invitation>('POST /api/admin/invitations', { email: 'eve@example.org' });
  const refused = await signUp({ name: 'bob', invitation: invited.body.code! });
  assert.deepEqual([refused.status, refused.body.field], [409, 'name']);
  const eve = await signUp({ name: 'eve', email: 'eve@example.org', invitation: invited.body.code! });
  assert.deepEqual([eve.status, eve.body.user?.name], [201, 'eve']);
  assert.equal((await eve.browser.ask('GET /api/user')).status, 200, 'and is signed in');
  assert.equal((await signUp({ name: 'fay', invitation: invited.body.code! })).status, 404, 'used');
  const { body: listed } = await as.chief.ask<Invitation[]>('GET /api/admin/invitations');
  assert.deepEqual(
    listed.map(({ usedBy }) => usedBy),
    ['eve'],
  );

  await as.ann.ask('POST /api/organisations', { name: 'org' });
  const toOrg = await as.ann.ask<Invitation>('POST /api/organisations/org/invitations', { role: 'member' });
  const gus = await signUp({ name: 'gus', invitation: toOrg.body.code! });
  assert.deepEqual(gus.body.user?.organisations, [{ name: 'org', displayName: '', role: 'member' }]);

  await set('closed');
  const ofOwner = await as.ann.ask<Invitation>('POST /api/organisations/org/invitations', { role: 'member' });
  assert.equal((await signUp({ name: 'ida', invitation: ofOwner.body.code! })).body.code, 'sign-up-closed');
  const ofChief = await as.chief.ask<Invitation>('POST /api/admin/invitations', { email: '' });
  assert.equal((await signUp({ name: 'ida', invitation: ofChief.body.code! })).status, 201);

  await set('open');
  const fields: readonly (readonly [Readonly<Record<string, string>>, number, string])[] = [
    [{ name: 'no spaces' }, 400, 'name'],
    [{ name: 'hal', email: 'x' }, 400, 'email'],
    [{ name: 'hal', email: 'Eve@Example.org' }, 409, 'email'],
    [{ name: 'hal', password: 'short' }, 400, 'password'],
    [{ name: 'hal.has.a.name', password: 'hal.has.a.name' }, 400, 'password'],
  ];
  for (const [form, status, field] of fields) {
    const reply = await signUp(form);
    assert.deepEqual([reply.status, reply.body.field], [status, field], JSON.stringify(form));
  }
  assert.equal((await signUp({ name: 'hal' })).status, 201);
  const statuses: number[] = [];
  for (let turn = 0; turn < 14; turn += 1) statuses.push((await signUp({ name: `many${turn}` })).status);
  assert.equal(statuses.at(-1), 429, 'one network makes only so many at once');
});

test('the first start has no administrator, and no password', async () => {
  await using served = await serveAccounts();
  assert.equal(await served.accounts.users.hasAdministrator(), false);
  assert.deepEqual(await served.accounts.users.list(), []);
  await served.accounts.users.create({ name: 'chief', password, isAdmin: true });
  assert.equal(await served.accounts.users.hasAdministrator(), true);
  await assert.rejects(served.accounts.users.setRights('chief', { isDisabled: true }), { kind: 'conflict' });
});
