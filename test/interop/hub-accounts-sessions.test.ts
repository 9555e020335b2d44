import assert from 'node:assert/strict';
import test from 'node:test';
import { setCookie } from '#hub/accounts/cookies.ts';
import { codeOfStep, stepAt } from '#hub/accounts/totp.ts';
import type { AccessToken, OpenSession, RecoveryCodes, SecondFactorOffer, Session } from '#hub/api/index.ts';
import { Browser, basic, browserOf, type ServedAccounts, serveAccounts } from './hub-accounts-fixture.ts';

const password = 'a long enough one';
const day = 24 * 60 * 60 * 1000;

async function withPeople(): Promise<ServedAccounts> {
  const served = await serveAccounts();
  await served.accounts.users.create({ name: 'chief', password, isAdmin: true });
  await served.accounts.users.create({ name: 'ann', password, email: 'ann@example.org' });
  return served;
}

const later = (served: ServedAccounts, milliseconds: number) => {
  served.clock.now = new Date(served.clock.now.getTime() + milliseconds);
};

test('signing in, seeing oneself, signing out', async () => {
  await using served = await withPeople();
  const browser = new Browser(served);
  const before = await browser.ask<Session>('GET /api/session');
  assert.equal(before.body.user, undefined);
  assert.deepEqual(before.body.hub, {
    ...{ name: 'Hoist Hub', address: served.service, signUp: 'closed', version: '1.2.3' },
  });
  assert.equal(before.headers.get('cache-control'), 'no-store');
  assert.equal((await browser.ask('GET /api/user')).status, 401);
  browser.csrf = before.body.csrf;
  const entered = await browser.signIn('Ann', password);
  assert.deepEqual([entered.status, entered.body.user?.name], [200, 'ann']);
  const cookie = entered.headers.getSetCookie().find((line) => line.startsWith('hub-session-'))!;
  assert.match(cookie, /^hub-session-\d+=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/);
  assert.deepEqual([...browser.cookies.keys()], [`hub-session-${new URL(served.url).port}`]);
  const { body: user } = await browser.ask('GET /api/user');
  assert.deepEqual(user, {
    ...{ name: 'ann', displayName: '', email: 'ann@example.org', isAdmin: false, hasSecondFactor: false },
    ...{ defaultVisibility: 'private', createdAt: served.clock.now.toISOString(), organisations: [] },
  });
  const again = await browser.ask<Session>('GET /api/session');
  assert.equal(again.body.csrf, browser.csrf);
  assert.equal((await browser.ask('DELETE /api/session')).status, 204);
  assert.equal(browser.cookies.size, 0);
  assert.equal(
    (await browser.ask('GET /api/user', undefined, { cookie: cookie.split(';')[0]! })).status,
    401,
  );
});

test('a change with a cookie needs the token, and comes from the Hub’s own pages', async () => {
  await using served = await withPeople();
  const browser = await browserOf(served, 'ann', password);
  const other = await browserOf(served, 'ann', password);
  const refused: readonly Readonly<Record<string, string>>[] = [
    { 'x-csrf-token': '' },
    { 'x-csrf-token': other.csrf },
    { 'x-csrf-token': `${browser.csrf.slice(0, -1)}~` },
    { origin: 'https://elsewhere.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ];
  for (const headers of refused)
    assert.equal(
      (await browser.ask('PATCH /api/user', { displayName: 'x' }, headers)).status,
      403,
      JSON.stringify(headers),
    );
  assert.equal((await browser.ask('PATCH /api/user', { displayName: 'Ann A.' })).status, 200);
  // nor is one signed in as someone else from there
  const visitor = new Browser(served);
  visitor.csrf = 'none';
  assert.equal((await visitor.signIn('ann', password)).status, 403);
  const two = [await new Browser(served).open(), await new Browser(served).open()] as const;
  two[0].csrf = two[1].csrf;
  assert.equal((await two[0].signIn('ann', password)).status, 403);
});

test('cookies are held to the host where there is TLS', () => {
  const address = { realm: 'https://hub.example/token', service: 'hub.example' };
  assert.equal(
    setCookie('session', 'v', { address, maxAgeSeconds: 5 }),
    '__Host-hub-session=v; Path=/; HttpOnly; SameSite=Lax; Max-Age=5; Secure',
  );
});

test('sessions end when idle, at their age, and when told', async () => {
  await using served = await withPeople();
  const [one, two] = [await browserOf(served, 'ann', password), await browserOf(served, 'ann', password)];
  const { body: open } = await one.ask<OpenSession[]>('GET /api/user/sessions');
  assert.deepEqual(open.map(({ isThis }) => isThis).sort(), [false, true]);
  const chief = await browserOf(served, 'chief', password);
  const ofTwo = open.find(({ isThis }) => !isThis)!.id;
  assert.equal((await chief.ask(`DELETE /api/user/sessions/${ofTwo}`)).status, 404);
  assert.equal((await one.ask(`DELETE /api/user/sessions/${ofTwo}`)).status, 204);
  assert.equal((await two.ask('GET /api/user')).status, 401);
  for (let days = 0; days < 24; days += 12) {
    later(served, 12 * day);
    assert.equal((await one.ask('GET /api/user')).status, 200);
  }
  later(served, 7 * day);
  assert.equal((await one.ask('GET /api/user')).status, 401, 'older than thirty days');
  assert.equal((await chief.ask('GET /api/user')).status, 401, 'idle for two weeks');
});

test('a new password ends every other session', async () => {
  await using served = await withPeople();
  const [one, two] = [await browserOf(served, 'ann', password), await browserOf(served, 'ann', password)];
  const change = (current: string, next: string) => one.ask('POST /api/user/password', { current, next });
  const wrong = await change('no', 'another long one');
  assert.deepEqual([wrong.status, wrong.body['field']], [403, 'current']);
  for (const next of ['short', 'password123', 'aaaaaaaaaaaa']) {
    const refused = await change(password, next);
    assert.deepEqual([refused.status, refused.body['field']], [400, 'next']);
  }
  assert.equal((await change(password, 'another long one')).status, 204);
  assert.equal((await one.ask('GET /api/user')).status, 200);
  assert.equal((await two.ask('GET /api/user')).status, 401);
  assert.equal((await new Browser(served).signIn('ann', password)).status, 401);
});

test('a disabled user is out at once', async () => {
  await using served = await withPeople();
  const ann = await browserOf(served, 'ann', password);
  const { secret } = await served.accounts.createToken('ann', { name: 'ci', scope: 'read' });
  const chief = await browserOf(served, 'chief', password);
  assert.equal((await ann.ask('PATCH /api/admin/users/ann', { isAdmin: true })).status, 403);
  const done = await chief.ask('PATCH /api/admin/users/ann', { isDisabled: true });
  assert.deepEqual([done.status, done.body['isDisabled'], done.body['privateBytes']], [200, true, 0]);
  assert.equal((await ann.ask('GET /api/user')).status, 401);
  const byToken = { authorization: `Bearer ${secret}` };
  assert.equal((await new Browser(served).ask('GET /api/user', undefined, byToken)).status, 401);
  assert.equal((await new Browser(served).signIn('ann', password)).status, 401);
  assert.equal((await chief.ask('PATCH /api/admin/users/chief', { isAdmin: false })).status, 403);
  await assert.rejects(() => served.accounts.users.setRights('chief', { isAdmin: false }), {
    kind: 'conflict',
  });
  assert.equal(
    (await chief.ask('PATCH /api/admin/users/ann', { isDisabled: false, isAdmin: true })).status,
    200,
  );
  assert.equal((await new Browser(served).ask('GET /api/user', undefined, byToken)).status, 200);
});

test('a second factor: begun, confirmed, asked for, lost, removed', async () => {
  await using served = await withPeople();
  const ann = await browserOf(served, 'ann', password);
  const offer = await ann.ask<SecondFactorOffer>('POST /api/user/second-factor');
  assert.match(offer.body.uri, /^otpauth:\/\/totp\/Hoist%20Hub:ann\?secret=[A-Z2-7]{32}&issuer=Hoist%20Hub&/);
  const { secret } = (await served.accounts.users.get('ann')).secondFactor!;
  const code = (steps = 0) => codeOfStep(secret!, stepAt(served.clock.now) + steps);
  assert.equal((await new Browser(served).signIn('ann', password)).status, 200, 'not in use yet');
  const wrong = await ann.ask('PUT /api/user/second-factor', { code: code(5) });
  assert.deepEqual([wrong.status, wrong.body['code']], [401, 'second-factor-invalid']);
  const confirmed = await ann.ask<RecoveryCodes>('PUT /api/user/second-factor', { code: code() });
  assert.equal(new Set(confirmed.body.codes).size, 10);

  const sign = (given?: string) => new Browser(served).signIn('ann', password, given);
  const asked = await sign();
  assert.deepEqual([asked.status, asked.body.code], [401, 'second-factor-required']);
  assert.equal((await sign(code())).body.code, 'second-factor-invalid', 'that step is taken');
  assert.equal((await sign(code(-1))).body.code, 'second-factor-invalid', 'nor an earlier one');
  assert.equal((await sign(code(2))).body.code, 'second-factor-invalid');
  assert.equal((await sign(code(1))).status, 200);
  later(served, 90_000);
  assert.equal((await sign(code())).status, 200);
  const [first = ''] = confirmed.body.codes;
  assert.equal((await sign(first.toUpperCase().replaceAll('-', ' '))).status, 200);
  assert.equal((await sign(first)).body.code, 'second-factor-invalid', 'each once');
  // the password alone is not enough elsewhere either
  const straight = await fetch(`${served.url}/token`, { headers: { authorization: basic('ann', password) } });
  assert.equal(straight.status, 401);
  assert.match(((await straight.json()) as { details: string }).details, /use an access token/);
  const { secret: token } = await served.accounts.createToken('ann', { name: 'docker', scope: 'write' });
  assert.equal(
    (await fetch(`${served.url}/token`, { headers: { authorization: basic('ann', token) } })).status,
    200,
  );

  assert.equal((await ann.ask('POST /api/user/second-factor')).status, 409);
  assert.equal((await ann.ask('DELETE /api/user/second-factor', { password: 'no' })).status, 403);
  assert.equal((await ann.ask('DELETE /api/user/second-factor', { password })).status, 204);
  assert.equal((await sign()).status, 200);
  assert.equal(served.database.get<{ n: number }>('SELECT count(*) AS n FROM recovery_code')!.n, 0);
});

test('guessing second factors is slowed down', async () => {
  await using served = await withPeople();
  const ann = await browserOf(served, 'ann', password);
  await ann.ask('POST /api/user/second-factor');
  const { secret } = (await served.accounts.users.get('ann')).secondFactor!;
  const right = () => codeOfStep(secret!, stepAt(served.clock.now));
  await ann.ask('PUT /api/user/second-factor', { code: right() });
  const statuses: number[] = [];
  for (let turn = 0; turn < 14; turn += 1) {
    served.address = `198.51.100.${Math.floor(turn / 4)}`;
    statuses.push((await new Browser(served).signIn('ann', password, '000000')).status);
  }
  assert.deepEqual(statuses, [...Array(10).fill(401), 429, 429, 429, 429]);
  later(served, 90_000);
  assert.equal((await new Browser(served).signIn('ann', password, right())).status, 200);
});

test('access tokens: made, told once, listed, used within their scope, revoked', async () => {
  await using served = await withPeople();
  const ann = await browserOf(served, 'ann', password);
  const expiresAt = new Date(served.clock.now.getTime() + day).toISOString();
  const made = await ann.ask<AccessToken>('POST /api/user/tokens', { name: 'ci', scope: 'read', expiresAt });
  assert.equal(made.status, 201);
  assert.match(made.body.secret!, /^hht_[0-9A-Za-z]{40}$/);
  for (const wrong of [
    { name: '', scope: 'read' },
    { name: 'x', scope: 'all' },
    { name: 'x', scope: 'read', expiresAt: 'tomorrow' },
    { name: 'x', scope: 'read', expiresAt: '2001-01-01T00:00:00Z' },
  ])
    assert.equal((await ann.ask('POST /api/user/tokens', wrong)).status, 400, JSON.stringify(wrong));

  const program = new Browser(served);
  const bearer = { authorization: `Bearer ${made.body.secret}` };
  assert.equal((await program.ask('GET /api/user', undefined, bearer)).body['name'], 'ann');
  assert.equal((await program.ask('PATCH /api/user', {}, bearer)).status, 403, 'its scope is read');
  const { body: listed } = await ann.ask<AccessToken[]>('GET /api/user/tokens');
  assert.deepEqual(listed, [
    {
      ...{
        id: made.body.id,
        name: 'ci',
        scope: 'read',
        createdAt: served.clock.now.toISOString(),
        expiresAt,
      },
      ...{ lastUsedAt: served.clock.now.toISOString(), lastAddress: served.address },
    },
  ]);
  const whole = await ann.ask<AccessToken>('POST /api/user/tokens', { name: 'whole', scope: 'admin' });
  const admin = { authorization: basic('ann', whole.body.secret!) };
  assert.equal((await program.ask('PATCH /api/user', { displayName: 'A' }, admin)).status, 200);
  for (const line of [
    'POST /api/user/tokens',
    'POST /api/user/second-factor',
    'POST /api/user/password',
    'GET /api/user/sessions',
  ])
    assert.equal(
      (await program.ask(line, line.startsWith('GET') ? undefined : {}, admin)).status,
      403,
      `${line} by a token`,
    );
  assert.equal((await ann.ask(`DELETE /api/user/tokens/${whole.body.id}`)).status, 204);
  assert.equal((await program.ask('GET /api/user', undefined, admin)).status, 401);
  later(served, day);
  assert.equal((await program.ask('GET /api/user', undefined, bearer)).status, 401, 'expired');
});

test('registry sign-ins are among the sessions, and end like them', async () => {
  await using served = await withPeople();
  const ann = await browserOf(served, 'ann', password);
  const login = await fetch(`${served.url}/token?offline_token=true&client_id=docker`, {
    headers: { authorization: basic('ann', password) },
  });
  const { refresh_token, token } = (await login.json()) as { refresh_token: string; token: string };
  const { body: open } = await ann.ask<OpenSession[]>('GET /api/user/sessions');
  const registry = open.find(({ agent }) => agent === 'registry sign-in by docker')!;
  const asked = async () => {
    const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token });
    const { status } = await fetch(`${served.url}/token`, { method: 'POST', body });
    return status;
  };
  assert.equal(await asked(), 200);
  assert.equal((await ann.ask(`DELETE /api/user/sessions/${registry.id}`)).status, 204);
  assert.equal(await asked(), 401);
  const who = await fetch(`${served.url}/v2/who`, { headers: { authorization: `Bearer ${token}` } });
  assert.equal(who.status, 200, 'made with the password itself');
});

test('what is wrong names its field or says what it must', async () => {
  await using served = await withPeople();
  const ann = await browserOf(served, 'ann', password);
  const cases: readonly (readonly [string, unknown, number, string?])[] = [
    ['PATCH /api/user', { email: 'nobody' }, 400, 'email'],
    ['PATCH /api/user', { displayName: 'x\u0000' }, 400, 'displayName'],
    ['PATCH /api/user', { defaultVisibility: 'hidden' }, 400],
    ['PATCH /api/user', { displayName: 5 }, 400],
    ['PATCH /api/user', 'x'.repeat(2_000_000), 400],
    ['POST /api/user/tokens', { name: '', scope: 'read' }, 400, 'name'],
    ['POST /api/user/tokens', { name: 'x', scope: 'all' }, 400, 'scope'],
    ['POST /api/user/tokens', { name: 'x', scope: 'read', expiresAt: 'soon' }, 400, 'expiresAt'],
    ['GET /api/none', undefined, 404],
    ['PATCH /api/admin/users/none', { isAdmin: true }, 403],
  ];
  for (const [line, body, status, field] of cases) {
    const reply = await ann.ask(line, body);
    assert.deepEqual(
      [reply.status, reply.body['field']],
      [status, field],
      `${line} ${JSON.stringify(body)?.slice(0, 40)}`,
    );
  }
});
