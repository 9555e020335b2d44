import assert from 'node:assert/strict';
import test from 'node:test';
import type {
  AuditEntry,
  Grant,
  ManifestDetail,
  Page,
  PullDay,
  Repository,
  RepositorySummary,
  Tag,
} from '#hub/api/index.ts';
import { digestOf } from '#oci/digest.ts';
import { mediaTypes } from '#oci/media-types.ts';
import { madeImage, madeIndex } from '../fixtures/images.ts';
import { type ServedHub, serveHub } from './hub-catalogue-fixture.ts';

const names = (page: Page<RepositorySummary>) => page.items.map(({ name }) => name);
const at = (name: string) => `/api/repositories/${name}`;

/** ann, bob and root; team/ is ann's organisation, with bob a member of it and of its team readers. */
async function populated(): Promise<ServedHub> {
  const hub = await serveHub();
  await hub.user('root1', { isAdmin: true });
  for (const name of ['ann', 'bob', 'eve']) await hub.user(name);
  await hub.json('ann', 'POST /api/organisations', { name: 'crew', displayName: 'Crew' }, 201);
  await hub.json('ann', 'PUT /api/organisations/crew/members/bob', { role: 'member' }, 204);
  await hub.json('ann', 'POST /api/organisations/crew/teams', { name: 'readers' }, 201);
  await hub.json('ann', 'PUT /api/organisations/crew/teams/readers/members/bob', {}, 204);
  return hub;
}

test('a repository is made, described, listed, starred, changed and deleted', async () => {
  await using hub = await populated();
  const made = await hub.json<Repository>(
    ...(['ann', 'POST /api/repositories', { name: 'ann/app', description: 'An app' }, 201] as const),
  );
  assert.deepEqual(
    { ...made, createdAt: '', updatedAt: '' },
    {
      ...{ name: 'ann/app', visibility: 'private', description: 'An app', stars: 0, pulls: 0 },
      ...{ updatedAt: '', createdAt: '', overview: '', overviewHtml: '', immutableTags: [] },
      ...{ isStarred: false, level: 'admin', tags: 0, bytes: 0 },
    },
  );
  await hub.json('ann', 'POST /api/repositories', { name: 'ann/web', visibility: 'public' }, 201);
  await hub.json('ann', 'POST /api/repositories', { name: 'crew/deep/web', visibility: 'public' }, 201);
  assert.deepEqual(names(await hub.json('ann', 'GET /api/repositories')), [
    ...['ann/app', 'ann/web', 'crew/deep/web'],
  ]);
  assert.deepEqual(names(await hub.json(undefined, 'GET /api/repositories')), ['ann/web', 'crew/deep/web']);
  assert.deepEqual(names(await hub.json('ann', 'GET /api/repositories?owner=crew')), ['crew/deep/web']);
  assert.deepEqual(names(await hub.json('ann', 'GET /api/repositories?sort=updated&size=1&page=2')), [
    'ann/web',
  ]);
  assert.equal((await hub.ask('ann', 'GET /api/repositories?sort=size')).status, 400);

  for (let twice = 0; twice < 2; twice += 1)
    await hub.json('bob', `PUT ${at('ann/web')}/-/star`, undefined, 204);
  const starred = await hub.json<Repository>('bob', `GET ${at('ann/web')}`);
  assert.deepEqual([starred.stars, starred.isStarred, starred.level], [1, true, 'read']);
  assert.deepEqual(names(await hub.json('bob', 'GET /api/repositories?starred=true')), ['ann/web']);
  assert.equal((await hub.ask(undefined, `PUT ${at('ann/web')}/-/star`)).status, 401);
  await hub.json('bob', `DELETE ${at('ann/web')}/-/star`, undefined, 204);
  assert.equal((await hub.json<Repository>('bob', `GET ${at('ann/web')}`)).stars, 0);

  const changed = await hub.json<Repository>('ann', `PATCH ${at('ann/web')}`, {
    ...{ visibility: 'private', description: 'Pages', overview: '# Hi\n<script>x</script>' },
    immutableTags: ['v*', 'v*'],
  });
  assert.deepEqual(
    [changed.visibility, changed.description, changed.overviewHtml, changed.immutableTags],
    ['private', 'Pages', '<h1>Hi</h1>\n', ['v*']],
  );
  assert.equal((await hub.ask(undefined, `GET ${at('ann/web')}`)).status, 404);
  await hub.json('ann', `DELETE ${at('ann/web')}`, undefined, 204);
  assert.equal((await hub.ask('ann', `GET ${at('ann/web')}`)).status, 404);
  assert.deepEqual(hub.errors, []);
});

const refused: readonly (readonly [who: string | undefined, line: string, body: unknown, status: number])[] =
  [
    [undefined, 'POST /api/repositories', { name: 'ann/new' }, 401],
    ['bob', 'POST /api/repositories', { name: 'ann/new' }, 403],
    ['bob', 'POST /api/repositories', { name: 'crew/new' }, 403],
    ['bob', 'POST /api/repositories', { name: 'nobody/new' }, 403],
    ['ann', 'POST /api/repositories', { name: 'ann/open' }, 409],
    ['ann', 'POST /api/repositories', { name: 'ann' }, 400],
    ['ann', 'POST /api/repositories', {}, 400],
    ['ann', 'POST /api/repositories', { name: 'ann/../bob' }, 400],
    ['ann', 'POST /api/repositories', { name: 'ann/App' }, 400],
    ['ann', 'POST /api/repositories', { name: `ann/${'a'.repeat(300)}` }, 400],
    ['ann', 'POST /api/repositories', { name: 'ann/x', visibility: 'secret' }, 400],
    ['ann', 'POST /api/repositories', { name: 'ann/x', description: 'x'.repeat(256) }, 400],
    ['ann', 'POST /api/repositories', { name: 'ann/x', description: 'a\nb' }, 400],
    ['ann', 'POST /api/repositories', 'not JSON', 400],
    ['ann', `PATCH ${at('ann/open')}`, {}, 400],
    ['ann', `PATCH ${at('ann/open')}`, { overview: 'x'.repeat(100_001) }, 400],
    ['ann', `PATCH ${at('ann/open')}`, { immutableTags: ['[a]'] }, 400],
    ['bob', `PATCH ${at('ann/open')}`, { description: 'mine' }, 403],
    [undefined, `PATCH ${at('ann/open')}`, { description: 'mine' }, 401],
    ['bob', `DELETE ${at('ann/open')}`, undefined, 403],
    ['bob', `DELETE ${at('ann/open')}/-/tags/latest`, undefined, 403],
    ['bob', `GET ${at('ann/open')}/-/grants`, undefined, 403],
    ['ann', `DELETE ${at('ann/open')}/-/tags/none`, undefined, 404],
    ['ann', `DELETE ${at('ann/open')}/-/manifests/sha256:${'0'.repeat(64)}`, undefined, 404],
    ['ann', `GET ${at('ann/open')}/-/manifests/none`, undefined, 404],
    ['ann', `PUT ${at('ann/open')}/-/grants/teams/readers`, { level: 'read' }, 404],
    ['ann', `PUT ${at('ann/open')}/-/grants/users/nobody`, { level: 'read' }, 404],
    ['ann', `PUT ${at('ann/open')}/-/grants/users/bob`, { level: 'owner' }, 400],
    ['ann', `PUT ${at('ann/open')}/-/grants/users/ann`, { level: 'read' }, 409],
    ['ann', `PUT ${at('ann/open')}/-/grants/__proto__/bob`, { level: 'read' }, 404],
    ['ann', `DELETE ${at('ann/open')}/-/grants/users/bob`, undefined, 404],
    ['ann', `GET ${at('ann/open')}/-/nothing`, undefined, 404],
    ['ann', `GET ${at('%E0%A4%A')}`, undefined, 400],
    [undefined, 'POST /api/overview', { overview: 'x' }, 401],
  ];
test('what is wrong or not allowed is refused, and nothing of it happens', async () => {
  await using hub = await populated();
  await hub.json('ann', 'POST /api/repositories', { name: 'ann/open', visibility: 'public' }, 201);
  const before = await hub.json<Page<RepositorySummary>>('ann', 'GET /api/repositories');
  for (const [who, line, body, status] of refused) {
    const answer = await hub.ask(who, line, body);
    assert.equal(
      answer.status,
      status,
      `${who} ${line} ${JSON.stringify(body)?.slice(0, 80)}: ${answer.body}`,
    );
    assert.equal(typeof JSON.parse(answer.body).message, 'string');
  }
  assert.deepEqual(await hub.json('ann', 'GET /api/repositories'), before);
  assert.deepEqual(hub.errors, []);
});

test('access tokens allow what their scopes say', async () => {
  await using hub = await populated();
  await hub.json('ann', 'POST /api/repositories', { name: 'ann/app' }, 201);
  const by = async (scope: 'read' | 'write', line: string, body?: unknown) =>
    (await hub.ask(undefined, line, body, await hub.authorization('ann', scope))).status;
  assert.equal(await by('read', `GET ${at('ann/app')}`), 200);
  assert.equal(await by('read', `PATCH ${at('ann/app')}`, { description: 'x' }), 403);
  assert.equal(await by('read', 'POST /api/repositories', { name: 'ann/more' }), 403);
  assert.equal(await by('read', `PUT ${at('ann/app')}/-/star`), 403);
  assert.equal(await by('write', `PATCH ${at('ann/app')}`, { description: 'x' }), 200);
  assert.equal(await by('write', `PATCH ${at('ann/app')}`, { visibility: 'public' }), 403);
  assert.equal(await by('write', 'POST /api/repositories', { name: 'ann/more' }), 201);
  assert.equal(await by('write', `DELETE ${at('ann/app')}`), 403);
});

test('tags and manifests: platforms, sizes, layers with their commands, referrers', async () => {
  await using hub = await populated();
  const small = madeImage({ layers: [{ a: 'a' }], architecture: 'arm64' });
  const large = madeImage({
    layers: [{ a: 'a' }, { b: 'b'.repeat(1000) }],
    architecture: 'amd64',
    run: {
      ...{ Env: ['A=1'], Cmd: ['serve'], Entrypoint: ['/init'], WorkingDir: '/srv', User: 'app' },
      ...{ ExposedPorts: { '80/tcp': {} }, Volumes: { '/data': {} }, Labels: { a: 'b' } },
    },
  });
  await hub.push('ann', 'ann/app', 'small', small);
  await hub.push('ann', 'ann/app', 'large', large);
  const index = madeIndex([
    { image: small, platform: { os: 'linux', architecture: 'arm64' } },
    { image: large, platform: { os: 'linux', architecture: 'amd64' } },
  ]);
  const indexDigest = await hub.pushManifest('ann', 'ann/app both', index, mediaTypes.ociIndex);
  const signature = Buffer.from(
    JSON.stringify({
      ...{ schemaVersion: 2, mediaType: mediaTypes.ociManifest, artifactType: 'application/example' },
      config: { mediaType: mediaTypes.ociConfig, digest: large.id, size: large.config.length },
      layers: [],
      subject: { mediaType: mediaTypes.ociManifest, digest: large.digest, size: large.manifest.length },
      annotations: { by: 'ann' },
    }),
  );
  await hub.pushManifest('ann', `ann/app ${digestOf(signature)}`, signature, mediaTypes.ociManifest);
  await hub.json('ann', `PATCH ${at('ann/app')}`, { immutableTags: ['la*'] });

  const tags = await hub.json<Page<Tag>>('ann', `GET ${at('ann/app')}/-/tags`);
  const layersOf = (image: typeof large) =>
    image.config.length + image.layers.reduce((sum, { blob }) => sum + blob.length, 0);
  assert.deepEqual(
    tags.items.map(({ updatedAt: _at, ...tag }) => tag),
    [
      {
        ...{ name: 'both', digest: indexDigest, mediaType: mediaTypes.ociIndex, updatedBy: 'ann' },
        ...{ size: layersOf(large), platforms: ['linux/amd64', 'linux/arm64'], isImmutable: false },
      },
      {
        ...{ name: 'large', digest: large.digest, mediaType: mediaTypes.ociManifest, updatedBy: 'ann' },
        ...{ size: layersOf(large), platforms: ['linux/amd64'], isImmutable: true },
      },
      {
        ...{ name: 'small', digest: small.digest, mediaType: mediaTypes.ociManifest, updatedBy: 'ann' },
        ...{ size: layersOf(small), platforms: ['linux/arm64'], isImmutable: false },
      },
    ],
  );
  const some = await hub.json<Page<Tag>>('ann', `GET ${at('ann/app')}/-/tags?q=L&size=1&page=2`);
  assert.deepEqual([some.total, some.items.map(({ name }) => name)], [2, ['small']]);

  const detail = await hub.json<ManifestDetail>('ann', `GET ${at('ann/app')}/-/manifests/large`);
  assert.deepEqual(
    detail.layers.map(({ command, size }) => [command, size]),
    large.layers.map(({ blob }, index) => [`step ${index}`, blob.length]),
  );
  assert.deepEqual(detail.config, {
    ...{ created: '2024-05-06T07:08:09Z', entrypoint: ['/init'], command: ['serve'] },
    ...{ workingDirectory: '/srv', user: 'app', ports: ['80/tcp'], volumes: ['/data'] },
    ...{ environment: ['A=1'], labels: { a: 'b' } },
  });
  assert.deepEqual(detail.referrers, [
    {
      ...{ digest: digestOf(signature), mediaType: mediaTypes.ociManifest, size: signature.length },
      ...{ artifactType: 'application/example', annotations: { by: 'ann' } },
    },
  ]);
  assert.deepEqual([detail.tags, detail.platform, detail.pushedBy], [['large'], 'linux/amd64', 'ann']);
  const both = await hub.json<ManifestDetail>('ann', `GET ${at('ann/app')}/-/manifests/${indexDigest}`);
  assert.deepEqual(
    both.manifests.map(({ platform, size }) => [platform, size]),
    [
      ['linux/arm64', layersOf(small)],
      ['linux/amd64', layersOf(large)],
    ],
  );

  const path = `${at('ann/app')}/-`;
  assert.equal((await hub.ask('ann', `DELETE ${path}/tags/large`)).status, 409);
  assert.equal((await hub.ask('ann', `DELETE ${path}/manifests/${large.digest}`)).status, 409);
  assert.equal((await hub.ask('ann', `DELETE ${path}/manifests/${small.digest}`)).status, 409);
  await hub.json('ann', `DELETE ${path}/tags/both`, undefined, 204);
  await hub.json('ann', `DELETE ${path}/manifests/${indexDigest}`, undefined, 204);
  await hub.json('ann', `DELETE ${path}/manifests/${small.digest}`, undefined, 204);
  const left = await hub.json<Page<Tag>>('ann', `GET ${path}/tags`);
  assert.deepEqual(
    left.items.map(({ name }) => name),
    ['large'],
  );
  const usage = await hub.json<{ privateBytes: number }>('ann', 'GET /api/accounts/ann/usage');
  assert.equal(usage.privateBytes, (await hub.json<Repository>('ann', `GET ${at('ann/app')}`)).bytes);
  await hub.json('ann', `DELETE ${at('ann/app')}`, undefined, 204);
  const none = await hub.json<{ privateBytes: number; privateRepositories: number }>(
    ...(['ann', 'GET /api/accounts/ann/usage'] as const),
  );
  assert.deepEqual([none.privateBytes, none.privateRepositories], [0, 0]);
  assert.equal((await hub.ask('ann', 'GET /v2/ann/app/manifests/large')).status, 404);
  const actions = await hub.json<readonly AuditEntry[]>('ann', 'GET /api/audit?owner=ann&size=4');
  assert.deepEqual(
    actions.map(({ action }) => action),
    ['repository.delete', 'manifest.delete', 'manifest.delete', 'tag.delete'],
  );
  assert.deepEqual(hub.errors, []);
});

test('teams of the organisation and users are given what they may', async () => {
  await using hub = await populated();
  await hub.json('ann', 'POST /api/repositories', { name: 'crew/app' }, 201);
  const path = `${at('crew/app')}/-/grants`;
  assert.equal((await hub.ask('bob', `GET ${at('crew/app')}`)).status, 404);
  await hub.json('ann', `PUT ${path}/teams/readers`, { level: 'read' }, 204);
  await hub.json('ann', `PUT ${path}/users/eve`, { level: 'read' }, 204);
  await hub.json('ann', `PUT ${path}/users/eve`, { level: 'write' }, 204);
  assert.equal((await hub.json<Repository>('bob', `GET ${at('crew/app')}`)).level, 'read');
  assert.equal((await hub.json<Repository>('eve', `GET ${at('crew/app')}`)).level, 'write');
  assert.deepEqual(await hub.json<readonly Grant[]>('ann', `GET ${path}`), [
    { kind: 'team', name: 'readers', level: 'read' },
    { kind: 'user', name: 'eve', level: 'write' },
  ]);
  await hub.json('ann', `DELETE ${path}/users/eve`, undefined, 204);
  assert.equal((await hub.ask('eve', `GET ${at('crew/app')}`)).status, 404);
});

test('pulls are counted by day', async () => {
  await using hub = await populated();
  await hub.push('ann', 'ann/app', 'latest', madeImage({ layers: [{ a: 'a' }] }));
  for (let i = 0; i < 3; i += 1)
    assert.equal((await hub.ask('ann', 'GET /v2/ann/app/manifests/latest')).status, 200);
  assert.equal((await hub.ask('ann', 'HEAD /v2/ann/app/manifests/latest')).status, 200);
  await hub.catalogue.pulls.flush();
  const days = await hub.json<readonly PullDay[]>('ann', `GET ${at('ann/app')}/-/pulls`);
  assert.equal(days.length, 30);
  assert.equal(days.at(-1)!.pulls, 3);
  assert.equal((await hub.json<Repository>('ann', `GET ${at('ann/app')}`)).pulls, 3);
});
