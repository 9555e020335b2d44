import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import test from 'node:test';
import { openAccounts } from '#hub/accounts/index.ts';
import { type Claims, signedToken } from '#hub/accounts/jwt.ts';
import { basic, type ServedAccounts, serveAccounts } from './hub-accounts-fixture.ts';

const password = 'a long enough one';

async function withPeople(): Promise<ServedAccounts> {
  const served = await serveAccounts();
  const { accounts } = served;
  await accounts.users.create({ name: 'root.person', password, isAdmin: true });
  const ann = await accounts.users.create({ name: 'ann', password });
  await accounts.users.create({ name: 'bob', password });
  for (const [name, visibility] of [
    ['open', 'public'],
    ['own', 'private'],
  ] as const)
    served.database.run(
      `INSERT INTO repository (owner_id, name, full_name, visibility, created_at, updated_at)
         VALUES (?, ?, ?, ?, '2026-01-01T00:00:00.000Z', '2026-01-01T00:00:00.000Z')`,
      ...[ann.id, name, `ann/${name}`, visibility],
    );
  return served;
}

interface TokenReply {
  readonly status: number;
  readonly token: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
  readonly issued_at: string;
  readonly details?: string;
  readonly error?: string;
  readonly scope?: string;
  readonly access: readonly { type: string; name: string; actions: string[] }[];
  readonly headers: Headers;
}

async function token(served: ServedAccounts, query: string, authorization?: string): Promise<TokenReply> {
  const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
  return replyOf(await fetch(`${served.url}/token?service=${served.service}&${query}`, { headers }));
}

async function posted(served: ServedAccounts, form: Record<string, string>): Promise<TokenReply> {
  const body = new URLSearchParams({ service: served.service, client_id: 'test', ...form });
  return replyOf(await fetch(`${served.url}/token`, { method: 'POST', body }));
}

async function replyOf(response: Response): Promise<TokenReply> {
  const body = (await response.json()) as TokenReply;
  const claims = body.token ? JSON.parse(Buffer.from(body.token.split('.')[1]!, 'base64url').toString()) : {};
  return { ...body, access: claims.access, status: response.status, headers: response.headers };
}

async function who(served: ServedAccounts, authorization: string) {
  const response = await fetch(`${served.url}/v2/who`, { headers: { authorization } });
  const body = (await response.json()) as {
    name?: string;
    kind: string;
    via?: string;
    scopes: unknown;
    ceiling?: string;
  };
  return { status: response.status, ...body };
}

const scoped: readonly (readonly [
  what: string,
  name: string | undefined,
  scope: string,
  actions: readonly string[],
])[] = [
  ['an owner has all', 'ann', 'repository:ann/own:pull,push,delete,*', ['pull', 'push', 'delete', '*']],
  ['once', 'ann', 'repository:ann/own:pull,pull', ['pull']],
  ['others pull what is public', 'bob', 'repository:ann/open:pull,push', ['pull']],
  ['strangers too', undefined, 'repository:ann/open:pull,push', ['pull']],
  ['what is hidden has none', 'bob', 'repository:ann/own:pull,push', []],
  ['what is missing has none', 'bob', 'repository:ann/none:pull,push', []],
  ['nor for strangers', undefined, 'repository:ann/own:pull', []],
  ['what is to be is its owner’s', 'ann', 'repository:ann/none:pull,push', ['pull', 'push']],
  ['nobody makes what has no owner', 'ann', 'repository:none/none:pull,push', []],
  ['nor what has no account before it', 'ann', 'repository:ann:pull,push', []],
  ['an administrator has all', 'root.person', 'repository:bob/new:push', ['push']],
  ['a class of repositories', 'ann', 'repository(plugin):ann/open:pull', ['pull']],
  ['the catalogue', undefined, 'registry:catalog:*', ['*']],
  ['what nobody knows', 'ann', 'house:ann/open:enter', []],
];

test('scopes are cut to what one may', async () => {
  await using served = await withPeople();
  for (const [what, name, scope, actions] of scoped) {
    const reply = await token(served, `scope=${scope}`, name && basic(name, password));
    assert.equal(reply.status, 200, what);
    assert.deepEqual(reply.access[0]?.actions, actions, what);
  }
  const several = await token(
    served,
    'scope=repository:ann/own:pull&scope=repository:ann/open:pull%20repository:bob/x:push',
    basic('ann', password),
  );
  assert.deepEqual(
    several.access.map(({ name, actions }) => `${name} ${actions}`),
    ['ann/own pull', 'ann/open pull', 'bob/x '],
  );
  assert.equal(several.expires_in, 300);
  assert.equal((await token(served, 'scope=repository')).status, 400);
  assert.equal((await token(served, 'scope=a:b:c%20'.repeat(1) + 'a:b:c%20'.repeat(64))).status, 400);
});

test('a missing and a hidden repository have the same token', async () => {
  await using served = await withPeople();
  const bodies = await Promise.all(
    ['ann/own', 'ann/none', 'nobody/none'].map((name) =>
      token(served, `scope=repository:${name}:pull,push`, basic('bob', password)),
    ),
  );
  for (const { status, access } of bodies) {
    assert.equal(status, 200);
    assert.deepEqual(access[0]!.actions, []);
  }
});

test('a registry token is its user, for what is in it', async () => {
  await using served = await withPeople();
  const { token: bearer } = await token(served, 'scope=repository:ann/own:pull', basic('Ann', password));
  const seen = await who(served, `Bearer ${bearer}`);
  assert.deepEqual(
    [seen.status, seen.name, seen.via, seen.scopes],
    [200, 'ann', 'registry-token', [['ann/own', 'read']]],
  );
  const nobody = await token(served, 'scope=repository:ann/open:pull');
  assert.deepEqual(await who(served, `Bearer ${nobody.token}`), {
    ...{ status: 200, kind: 'stranger', address: served.address, scopes: [['ann/open', 'read']] },
  });
  const straight = await who(served, basic('ann', password));
  assert.deepEqual([straight.name, straight.via, straight.scopes], ['ann', 'password', []]);
});

test('forged, changed, expired and foreign tokens are refused', async () => {
  await using served = await withPeople();
  const { token: good } = await token(served, 'scope=repository:ann/own:pull', basic('ann', password));
  const [head = '', body = '', signature = ''] = good.split('.');
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  const header = JSON.parse(Buffer.from(head, 'base64url').toString());
  await using other = await withPeople();
  const forged = {
    'no signature': `${part({ ...header, alg: 'none' })}.${body}.`,
    'a changed claim': `${head}.${part({ ...claims, sub: 'root.person' })}.${signature}`,
    'another key': `${part({ ...header, kid: 'x' })}.${body}.${signature}`,
    'a signature of nothing': `${head}.${body}.AAAA`,
    'no JSON': `${head}.AAAA.${signature}`,
    nothing: '..',
    'another Hub’s': (await token(other, '', basic('ann', password))).token,
  };
  for (const [what, value] of Object.entries(forged))
    assert.equal((await who(served, `Bearer ${value}`)).status, 401, what);
  assert.equal((await who(served, `Bearer ${good}`)).status, 200);
  served.clock.now = new Date(served.clock.now.getTime() + 301_000);
  assert.equal((await who(served, `Bearer ${good}`)).status, 401);
});

test('registry tokens end with what they were made of', async () => {
  await using served = await withPeople();
  const { users } = served.accounts;
  const registryToken = async (secret: string) =>
    `Bearer ${(await token(served, 'scope=repository:ann/own:pull', basic('ann', secret))).token}`;
  const made = await served.accounts.createToken('ann', { name: 'ci', scope: 'read' });
  const byToken = await registryToken(made.secret);
  assert.equal((await who(served, byToken)).ceiling, 'read');
  served.database.run('DELETE FROM access_token WHERE id = ?', made.id);
  assert.equal((await who(served, byToken)).status, 401);

  const byPassword = await registryToken(password);
  assert.equal((await who(served, byPassword)).status, 200);
  await users.setRights('ann', { isDisabled: true });
  assert.equal((await who(served, byPassword)).status, 401);
  await users.setRights('ann', { isDisabled: false });
  assert.equal((await who(served, byPassword)).status, 200);
  served.clock.now = new Date(served.clock.now.getTime() + 10);
  await users.setPassword('ann', 'another long one');
  assert.equal((await who(served, byPassword)).status, 401);
  assert.equal((await who(served, basic('ann', password))).status, 401);
  assert.equal((await who(served, basic('ann', 'another long one'))).status, 200);
});

test('an access token is the most that its bearer may', async () => {
  await using served = await withPeople();
  const { secret } = await served.accounts.createToken('ann', { name: 'pulls', scope: 'read' });
  const { access } = await token(served, 'scope=repository:ann/own:pull,push', basic('ann', secret));
  assert.deepEqual(access[0]!.actions, ['pull']);
  assert.equal((await who(served, basic('bob', secret))).status, 401);
  assert.equal((await who(served, `Bearer ${secret}`)).name, 'ann');
  const other = secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0');
  assert.equal((await who(served, `Bearer ${other}`)).status, 401);
});

test('OAuth2: a password for a refresh token, and that for tokens until it ends', async () => {
  await using served = await withPeople();
  const first = await posted(served, {
    ...{ grant_type: 'password', username: 'ann', password, access_type: 'offline' },
    scope: 'repository:ann/own:pull,push repository:ann/none:delete',
  });
  assert.equal(first.status, 200);
  assert.equal(first.scope, 'repository:ann/own:pull,push repository:ann/none:delete');
  const refresh = { grant_type: 'refresh_token', refresh_token: first.refresh_token! };
  const second = await posted(served, { ...refresh, scope: 'repository:ann/own:pull' });
  assert.deepEqual([second.status, second.refresh_token], [200, undefined]);
  assert.equal((await who(served, `Bearer ${second.token}`)).name, 'ann');
  // good for registry tokens alone
  assert.equal((await who(served, basic('ann', first.refresh_token!))).status, 401);
  assert.equal((await who(served, `Bearer ${first.refresh_token}`)).status, 401);
  await served.accounts.users.setPassword('ann', 'another long one');
  assert.equal((await who(served, `Bearer ${second.token}`)).status, 401);
  const late = await posted(served, refresh);
  assert.deepEqual([late.status, late.error], [401, 'invalid_grant']);
  const wrong: readonly Record<string, string>[] = [{ grant_type: 'authorization_code' }, {}];
  for (const form of wrong) assert.equal((await posted(served, form)).status, 400);
  const basicOffline = await token(
    served,
    'offline_token=true&account=bob&client_id=docker',
    basic('bob', password),
  );
  assert.match(basicOffline.refresh_token!, /^hhr_/);
  const none = await token(served, 'offline_token=true');
  assert.equal(none.refresh_token, undefined);
});

test('a refresh token that was given for an access token goes with it', async () => {
  await using served = await withPeople();
  const made = await served.accounts.createToken('ann', { name: 'ci', scope: 'read' });
  const { refresh_token } = await token(served, 'offline_token=true', basic('ann', made.secret));
  const form = {
    grant_type: 'refresh_token',
    refresh_token: refresh_token!,
    scope: 'repository:ann/own:pull,push',
  };
  assert.equal((await posted(served, form)).scope, 'repository:ann/own:pull');
  served.database.run('DELETE FROM access_token WHERE id = ?', made.id);
  assert.equal((await posted(served, form)).status, 401);
});

test('who is wrong is told the same, whatever is wrong', async () => {
  await using served = await withPeople();
  await served.accounts.users.setRights('bob', { isDisabled: true });
  const wrong = ['ann', 'nobody', 'bob'].map((name) => basic(name, 'not the right one'));
  const replies = await Promise.all(
    [...wrong, basic('bob', password)].map((authorization) => token(served, '', authorization)),
  );
  for (const { status, details } of replies)
    assert.deepEqual([status, details], [401, 'incorrect username or password']);
});

test('guessing is slowed down, and the owner elsewhere is not', async () => {
  await using served = await withPeople();
  const statuses: number[] = [];
  let last: TokenReply | undefined;
  for (let turn = 0; turn < 8; turn += 1) {
    last = await token(served, '', basic('ann', `guess number ${turn}`));
    statuses.push(last.status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 401, 401, 429, 429, 429]);
  assert.equal(last!.headers.get('retry-after'), '1');
  assert.equal(
    (await token(served, '', basic('ann', password))).status,
    429,
    'a right one is not looked at either',
  );
  served.address = '198.51.100.7';
  assert.equal((await token(served, '', basic('ann', password))).status, 200);
  served.address = '192.0.2.1';
  served.clock.now = new Date(served.clock.now.getTime() + 1000);
  assert.equal((await token(served, '', basic('ann', 'guess number 9'))).status, 401);
  assert.equal((await token(served, '', basic('ann', 'guess number 10'))).headers.get('retry-after'), '2');
});

test('keys are rotated, and the old ones verify until what they signed has expired', async () => {
  await using served = await withPeople();
  const day = 24 * 60 * 60 * 1000;
  const start = served.clock.now.getTime();
  const keyOf = ({ token: text }: TokenReply) =>
    JSON.parse(Buffer.from(text.split('.')[0]!, 'base64url').toString()).kid;
  served.clock.now = new Date(start);
  const first = keyOf(await token(served, '', basic('ann', password)));
  served.clock.now = new Date(start + day - 60_000);
  const old = await token(served, '', basic('ann', password));
  assert.equal(keyOf(old), first);
  served.clock.now = new Date(start + day);
  const next = await token(served, '', basic('ann', password));
  assert.notEqual(keyOf(next), first);
  for (const { token: text } of [old, next]) assert.equal((await who(served, `Bearer ${text}`)).status, 200);
  served.clock.now = new Date(start + 3 * day);
  await token(served, '', basic('ann', password));
  const kept = served.database.all<{ id: string }>('SELECT id FROM signing_key').map(({ id }) => id);
  assert.equal(kept.includes(first), false);
  assert.equal(kept.length, 2);
});

test('a key that came into other hands is worth a day, and no token of it lasts', async () => {
  await using served = await withPeople();
  const { token: good } = await token(served, 'scope=repository:ann/own:pull', basic('ann', password));
  const claims = JSON.parse(Buffer.from(good.split('.')[1]!, 'base64url').toString()) as Claims;
  const start = served.clock.now.getTime();
  const key = (await served.rooms.records.signingKeys.current(''))!;
  const forged = async (afterSeconds: number, lifetimeSeconds = 300) => {
    served.clock.now = new Date(start + afterSeconds * 1000);
    const iat = Math.floor(served.clock.now.getTime() / 1000);
    const times = { iat, nbf: iat, exp: iat + lifetimeSeconds };
    const text = signedToken(
      { ...claims, ...times },
      { id: key.id, privateKey: createPrivateKey(key.privateKey) },
    );
    return (await who(served, `Bearer ${text}`)).status;
  };
  assert.equal(await forged(0), 200);
  assert.equal(await forged(0, 3600), 401, 'longer than a token lives');
  assert.equal(await forged(0, Number.NaN), 401, 'without an end');
  assert.equal(await forged(25 * 3600 - 1), 200);
  // no other has been made since, and it is known from before
  assert.equal(await forged(25 * 3600), 401);
});

test('many at once with one password are one attempt', async () => {
  await using served = await withPeople();
  const replies = await Promise.all(
    Array.from({ length: 40 }, () => token(served, '', basic('ann', password))),
  );
  assert.deepEqual(new Set(replies.map(({ status }) => status)), new Set([200]));
});

test('what nobody would send is refused, and nothing breaks', async () => {
  await using served = await withPeople();
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const requests: readonly (readonly [path: string, init: RequestInit, status: number])[] = [
    ['/token?scope=%00%ff:::', {}, 200],
    ['/token?scope=repository:../../etc:pull', {}, 200],
    [`/token?scope=repository:${'a/'.repeat(2000)}:pull`, {}, 200],
    ['/token?scope=:', {}, 400],
    ['/token', { headers: { authorization: 'Basic' } }, 401],
    ['/token', { headers: { authorization: 'Basic ====' } }, 401],
    ['/token', { headers: { authorization: basic('', '') } }, 401],
    ['/token', { headers: { authorization: basic('a'.repeat(4000), 'b'.repeat(4000)) } }, 401],
    ['/token', { headers: { authorization: basic("' OR 1=1 --", 'x\0y') } }, 401],
    ['/token', { headers: { authorization: 'Digest username=ann' } }, 401],
    ['/token', { headers: { authorization: `Bearer ${'.'.repeat(3000)}` } }, 401],
    ['/token', { method: 'POST' }, 400],
    ['/token', { method: 'POST', headers: form, body: 'x'.repeat(100_000) }, 400],
    ['/token', { method: 'POST', headers: form, body: 'grant_type=password' }, 401],
    [
      '/token',
      { method: 'POST', headers: form, body: '%%%=%%%&grant_type=refresh_token&refresh_token=%00' },
      401,
    ],
    ['/token', { method: 'DELETE' }, 405],
    ['/token/more', {}, 404],
  ];
  for (const [path, init, status] of requests) {
    const response = await fetch(served.url + path, init);
    const what = `${init.method ?? 'GET'} ${path.slice(0, 60)} ${JSON.stringify(init.headers ?? {}).slice(0, 60)}`;
    assert.equal(response.status, status, what);
    assert.equal(typeof (await response.json()), 'object', what);
  }
  assert.equal(served.log(), '');
});

test('after a restart tokens are good still, and passwords are kept at what they cost now', async () => {
  await using served = await withPeople();
  const { token: bearer } = await token(served, 'scope=repository:ann/own:pull', basic('ann', password));
  const hashOf = async () => (await served.accounts.users.get('ann')).passwordHash;
  const before = await hashOf();
  assert.match(before, /m=64,t=1,p=1/);
  const again = openAccounts(served.rooms, {
    publicAddress: () => ({ realm: `${served.url}/token`, service: served.service }),
    passwordCost: { memoryKib: 128, passes: 1, parallelism: 1 },
  });
  const ask = (authorization: string) =>
    again.registryAuthenticate({ headers: { authorization } } as IncomingMessage, '192.0.2.1');
  const actor = await ask(`Bearer ${bearer}`);
  assert.equal(actor.kind === 'person' && actor.name, 'ann');
  await assert.rejects(ask(basic('ann', 'not the right one')), { kind: 'unauthorized' });
  assert.equal(await hashOf(), before);
  await ask(basic('ann', password));
  assert.match(await hashOf(), /m=128,t=1,p=1/);
  assert.equal((await ask(`Bearer ${bearer}`)).kind, 'person', 'it is the same password');
  await ask(basic('ann', password));
});
