import assert from 'node:assert/strict';
import test from 'node:test';
import type {
  AdminAccount,
  AuditEntry,
  Collected,
  Page,
  Plan,
  RepositorySummary,
  Settings,
  Status,
  Usage,
} from '#hub/api/index.ts';
import { madeImage } from '../fixtures/images.ts';
import { type ServedHub, serveHub } from './hub-catalogue-fixture.ts';

async function populated(): Promise<ServedHub> {
  const hub = await serveHub();
  await hub.user('root1', { isAdmin: true });
  for (const name of ['ann', 'bob']) await hub.user(name);
  return hub;
}

const forAdministrators = [
  ...['POST /api/plans', 'PATCH /api/plans/free', 'DELETE /api/plans/team', 'PUT /api/accounts/ann/plan'],
  ...['GET /api/admin/settings', 'PATCH /api/admin/settings', 'GET /api/admin/accounts'],
  ...['GET /api/admin/status', 'POST /api/admin/collect'],
];
test('what is for administrators is for them alone', async () => {
  await using hub = await populated();
  for (const line of forAdministrators) {
    const body = line.startsWith('GET') ? undefined : { name: 'x', plan: 'unlimited' };
    assert.equal((await hub.ask(undefined, line, body)).status, 401, line);
    assert.equal((await hub.ask('ann', line, body)).status, 403, line);
    const reading = await hub.ask(undefined, line, body, await hub.authorization('root1', 'write'));
    assert.equal(reading.status, 403, line);
  }
});

test('plans are made, changed, given and deleted', async () => {
  await using hub = await populated();
  const plans = await hub.json<readonly Plan[]>(undefined, 'GET /api/plans');
  assert.deepEqual(
    plans.map(({ id, isDefault }) => [id, isDefault]),
    [
      ['free', true],
      ['team', false],
      ['unlimited', false],
    ],
  );
  const made = await hub.json<Plan>(
    ...([
      'root1',
      'POST /api/plans',
      { name: 'Tiny', privateRepositories: 1, privateBytes: -1 },
      201,
    ] as const),
  );
  assert.deepEqual(
    { ...made, id: '' },
    { id: '', name: 'Tiny', description: '', privateRepositories: 1, isDefault: false },
  );
  const path = `/api/plans/${made.id}`;
  const refused: readonly (readonly [string, unknown, number])[] = [
    ['POST /api/plans', { name: 'Tiny' }, 409],
    ['POST /api/plans', {}, 400],
    ['POST /api/plans', { name: 'x', privateBytes: -2 }, 400],
    ['POST /api/plans', { name: 'x', pullsPerHour: 1.5 }, 400],
    [`PATCH ${path}`, { name: 'Free' }, 409],
    ['PATCH /api/plans/free', { isDefault: false }, 409],
    ['PATCH /api/plans/none', { name: 'y' }, 404],
    ['DELETE /api/plans/free', undefined, 409],
    ['PUT /api/accounts/ann/plan', { plan: 'none' }, 404],
    ['PUT /api/accounts/nobody/plan', { plan: 'free' }, 404],
  ];
  for (const [line, body, status] of refused)
    assert.equal((await hub.ask('root1', line, body)).status, status, `${line} ${JSON.stringify(body)}`);
  await hub.json('root1', 'PUT /api/accounts/ann/plan', { plan: made.id }, 204);
  assert.equal((await hub.ask('root1', `DELETE ${path}`)).status, 409);
  await hub.json('ann', 'POST /api/repositories', { name: 'ann/one' }, 201);
  const full = await hub.ask('ann', 'POST /api/repositories', { name: 'ann/two' });
  assert.deepEqual([full.status, JSON.parse(full.body).code], [403, 'limit-reached']);
  await hub.json('root1', `PATCH ${path}`, { privateRepositories: -1, isDefault: true });
  await hub.json('ann', 'POST /api/repositories', { name: 'ann/two' }, 201);
  const changed = await hub.json<readonly Plan[]>(undefined, 'GET /api/plans');
  assert.deepEqual(
    changed.filter(({ isDefault }) => isDefault).map(({ name }) => name),
    ['Tiny'],
  );
  await hub.json('root1', 'PUT /api/accounts/ann/plan', { plan: 'free' }, 204);
  await hub.json('root1', 'PATCH /api/plans/free', { isDefault: true });
  await hub.json('root1', `DELETE ${path}`, undefined, 204);
});

test('usage is exact, and says what comes to its end', async () => {
  await using hub = await populated();
  const image = madeImage({ layers: [{ a: 'a' }, { b: 'b'.repeat(300) }] });
  const size = [image.config, image.manifest, ...image.layers.map(({ blob }) => blob)].reduce(
    (sum, { length }) => sum + length,
    0,
  );
  await hub.push('ann', 'ann/one', 'latest', image);
  await hub.push('ann', 'ann/two', 'latest', image);
  const limits = { privateRepositories: 3, privateBytes: Math.floor(size / 0.8), pullsPerHour: 5 };
  await hub.json('root1', 'PATCH /api/plans/free', limits);
  const usage = () => hub.json<Usage>('ann', 'GET /api/accounts/ann/usage');
  assert.deepEqual(await usage(), {
    plan: (await hub.json<readonly Plan[]>('ann', 'GET /api/plans'))[0],
    ...{ privateRepositories: 2, privateBytes: size, pulls: 0, near: ['privateBytes'] },
    repositories: ['ann/one', 'ann/two'].map((name) => ({ name, bytes: size })),
  });
  await hub.json('ann', 'POST /api/repositories', { name: 'ann/three' }, 201);
  const pull = () => hub.ask('ann', 'GET /v2/ann/one/manifests/latest');
  for (let i = 0; i < 4; i += 1)
    assert.equal((await pull()).headers.get('ratelimit-remaining'), `${4 - i};w=3600`);
  assert.deepEqual((await usage()).near, ['privateRepositories', 'privateBytes', 'pulls']);
  await pull();
  const refused = await pull();
  assert.deepEqual([refused.status, refused.headers.get('ratelimit-limit')], [429, '5;w=3600']);
  assert.equal((await hub.ask('bob', 'GET /api/accounts/ann/usage')).status, 403);
  assert.equal((await hub.ask(undefined, 'GET /api/accounts/ann/usage')).status, 401);
  assert.equal((await hub.ask('bob', 'GET /api/accounts/none/usage')).status, 404);
  assert.equal((await hub.json<Usage>('root1', 'GET /api/accounts/ann/usage')).pulls, 5);
});

test('settings are changed as far as they are given, and hold at once', async () => {
  await using hub = await populated();
  const change = { name: ' Our Hub ', anonymousPullsPerHour: 1, untaggedHours: 48 };
  const settings = await hub.json<Settings>('root1', 'PATCH /api/admin/settings', change);
  assert.deepEqual(settings, {
    ...{ name: 'Our Hub', signUp: 'closed', anonymousPullsPerHour: 1, graceHours: 24, untaggedHours: 48 },
  });
  for (const wrong of [
    { name: '' },
    { signUp: 'x' },
    { graceHours: 0 },
    { anonymousPullsPerHour: -2 },
    { untaggedHours: 0 },
  ])
    assert.equal(
      (await hub.ask('root1', 'PATCH /api/admin/settings', wrong)).status,
      400,
      JSON.stringify(wrong),
    );
  assert.deepEqual(await hub.json('root1', 'GET /api/admin/settings'), settings);
  await hub.json('ann', 'POST /api/repositories', { name: 'ann/open', visibility: 'public' }, 201);
  await hub.push('ann', 'ann/open', 'latest', madeImage({ layers: [{ a: 'a' }] }));
  const pull = async () => {
    const token = await hub.json<{ token: string }>(
      undefined,
      `GET /token?service=${hub.host}&scope=repository:ann/open:pull`,
    );
    const authorization = `Bearer ${token.token}`;
    return (await hub.ask(undefined, 'GET /v2/ann/open/manifests/latest', undefined, { authorization }))
      .status;
  };
  assert.deepEqual([await pull(), await pull()], [200, 429]);
  await hub.json('root1', 'PATCH /api/admin/settings', { anonymousPullsPerHour: -1, untaggedHours: -1 });
  assert.equal(await pull(), 200);
});

test('accounts, status and collection, for administrators', async () => {
  await using hub = await populated();
  await hub.push('ann', 'ann/one', 'latest', madeImage({ layers: [{ a: 'a' }] }));
  const accounts = await hub.json<Page<AdminAccount>>('root1', 'GET /api/admin/accounts?q=OO');
  assert.deepEqual(
    accounts.items.map(({ name, isAdmin, plan }) => [name, isAdmin, plan.id]),
    [['root1', true, 'free']],
  );
  assert.equal((await hub.json<Page<AdminAccount>>('root1', 'GET /api/admin/accounts?size=2')).total, 3);
  const collected = await hub.json<Collected>('root1', 'POST /api/admin/collect');
  assert.equal(collected.blobs, 0);
  const status = await hub.json<Status>('root1', 'GET /api/admin/status');
  assert.deepEqual(
    { ...status, startedAt: '', bytes: 0 },
    {
      ...{ version: '1.2.3', startedAt: '', accounts: 3, repositories: 1, manifests: 1, blobs: 2, bytes: 0 },
      ...{ badBlobs: 0, lastCollection: collected },
    },
  );
});

test('the audit log: administrators all, owners theirs, users their own', async () => {
  await using hub = await populated();
  await hub.json('ann', 'POST /api/organisations', { name: 'crew', displayName: '' }, 201);
  await hub.json('ann', 'POST /api/repositories', { name: 'crew/app' }, 201);
  await hub.json('root1', 'PATCH /api/repositories/crew/app', { description: 'x' });
  await hub.json('bob', 'POST /api/repositories', { name: 'bob/app' }, 201);
  const read = async (who: string, query = '') =>
    (await hub.json<readonly AuditEntry[]>(who, `GET /api/audit?${query}`)).map(
      ({ actor, action, target }) => `${actor} ${action} ${target}`,
    );
  const about = 'action=repository';
  const [made, changed, bobs] = [
    ...[
      'ann repository.create crew/app',
      'root1 repository.change crew/app',
      'bob repository.create bob/app',
    ],
  ] as const;
  assert.deepEqual(await read('root1', about), [bobs, changed, made]);
  assert.deepEqual(await read('ann', about), [changed, made]);
  assert.deepEqual(await read('bob', about), [bobs]);
  assert.deepEqual(await read('bob', 'owner=crew'), []);
  assert.deepEqual(await read('ann', 'owner=crew&action=repository.create'), [made]);
  assert.deepEqual(await read('ann', 'action=rep*'), []);
  assert.deepEqual(await read('root1', 'actor=bob&action=repository'), [bobs]);
  const [newest] = await hub.json<readonly AuditEntry[]>('root1', `GET /api/audit?size=1&${about}`);
  assert.deepEqual(await read('root1', `${about}&before=${newest!.id}`), [changed, made]);
  assert.equal((await hub.ask(undefined, 'GET /api/audit')).status, 401);
});

test('search, on the page and as engines ask', async () => {
  await using hub = await populated();
  for (const [name, visibility] of [
    ['ann/nginx', 'public'],
    ['ann/nginx-secret', 'private'],
  ] as const)
    await hub.json('ann', 'POST /api/repositories', { name, visibility, description: 'A "web" server' }, 201);
  const found = async (who: string | undefined, query: string) =>
    (
      await hub.json<Page<RepositorySummary>>(who, `GET /api/search?q=${encodeURIComponent(query)}`)
    ).items.map(({ name }) => name);
  assert.deepEqual(await found(undefined, 'ngi'), ['ann/nginx']);
  assert.deepEqual(await found('ann', 'web nginx'), ['ann/nginx', 'ann/nginx-secret']);
  assert.deepEqual(await found('bob', '"web"'), ['ann/nginx']);
  assert.deepEqual(await hub.json('ann', 'GET /v1/search?q=nginx&n=1&page=2'), {
    ...{ query: 'nginx', num_results: 2, num_pages: 2, page: 2, page_size: 1 },
    results: [
      {
        ...{ name: 'ann/nginx-secret', description: 'A "web" server', star_count: 0, pull_count: 0 },
        ...{ is_official: false, is_automated: false },
      },
    ],
  });
  const wrong = await hub.ask(undefined, 'GET /v1/search?q=nginx', undefined, {
    authorization: `Basic ${Buffer.from('ann:wrong').toString('base64')}`,
  });
  assert.equal(wrong.status, 401);
  assert.match(wrong.headers.get('www-authenticate') ?? '', /^(Basic|Bearer) /);
  assert.equal((await hub.ask(undefined, 'GET /v1/search?q=nginx&n=x')).status, 400);
  assert.equal((await hub.ask(undefined, 'GET /v1/_ping')).status, 200);
  assert.deepEqual(hub.errors, []);
});
