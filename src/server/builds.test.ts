import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import test from 'node:test';
import type { BuildCache, BuildEvent, BuildRequest, BuildSummary } from '#api/index.ts';
import { invalid, notFound } from '#base/errors.ts';
import { serve as serveEngine } from '../../test/fixtures/served-engine.ts';

/** A server whose builder has what a test's route calls. */
const serve = (builds: object, more: object = {}) => serveEngine({ builds, ...more });

interface Got {
  readonly status: number;
  readonly text: string;
}

const ask = (
  socketPath: string,
  line: string,
  body?: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Got> =>
  new Promise((resolve, reject) => {
    const [method = '', path = ''] = line.split(' ');
    const request = httpRequest({ socketPath, method, path, headers }, async (response) => {
      const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>);
      resolve({ status: response.statusCode!, text: Buffer.concat(chunks).toString() });
    });
    request.on('error', reject);
    request.end(body);
  });

const asJson = { 'Content-Type': 'application/json' };
const at = '2026-01-01T00:00:00.000Z';
const image = `sha256:${'4'.repeat(64)}`;

async function drained(tar: AsyncIterable<Uint8Array>): Promise<string> {
  return Buffer.concat(await Array.fromAsync(tar)).toString();
}

test('a classic build: the context is received, the request handed on, the lines sent', async () => {
  const seen: unknown[] = [];
  const builds = {
    contexts: {
      receive: async (tar: AsyncIterable<Uint8Array>) => {
        seen.push(await drained(tar));
        return { id: 'context' };
      },
    },
    build: async function* (request: BuildRequest): AsyncGenerator<BuildEvent> {
      seen.push(request.context, request.style, request.tags, request.registryAuth);
      yield { kind: 'started', build: 'b', at };
      yield {
        kind: 'graph',
        vertices: [{ id: 0, name: '', instruction: 'FROM a', inputs: [] }],
      };
      yield { kind: 'begin', id: 0, at };
      yield { kind: 'end', id: 0, at, outcome: 'done', milliseconds: 1, image };
      yield { kind: 'image', id: image, names: ['web:latest'] };
      yield { kind: 'finished', at, outcome: 'done', image };
    },
  };
  await using server = await serve(builds);
  const auths = { 'r.example': { username: 'u', password: 'p', unknown: 1 } };
  const got = await ask(server.path, 'POST /v1.24/build?t=web', 'tar', {
    'X-Registry-Config': Buffer.from(JSON.stringify(auths)).toString('base64url'),
  });
  const registryAuth = { 'r.example': { username: 'u', password: 'p' } };
  assert.deepEqual(seen, ['tar', { kind: 'sent', id: 'context' }, 'classic', ['web:latest'], registryAuth]);
  assert.equal(got.status, 200);
  assert.deepEqual(
    got.text
      .trim()
      .split('\r\n')
      .map((line) => JSON.parse(line) as object),
    [
      { stream: 'Step 1/1 : FROM a' },
      { stream: '\n' },
      { stream: ' ---> 444444444444\n' },
      { aux: { ID: image } },
      { stream: 'Successfully built 444444444444\n' },
      { stream: 'Successfully tagged web:latest\n' },
    ],
  );
});

test('a context that is refused in its middle is answered', async () => {
  const receive = async (tar: AsyncIterable<Uint8Array>) => {
    for await (const _ of tar) throw invalid('invalid tar header');
  };
  await using server = await serve({ contexts: { receive } });
  for (let tries = 0; tries < 3; tries += 1) {
    const got = await ask(server.path, 'POST /build', Buffer.alloc(4 << 20));
    assert.deepEqual(got, { status: 400, text: '{"message":"invalid tar header"}\n' });
  }
});

test('a wrong Dockerfile is answered by status', async () => {
  const builds = {
    build: async function* (): AsyncGenerator<BuildEvent> {
      yield { kind: 'started', build: 'b', at };
      const error = { message: 'unknown instruction: NOPE', kind: 'invalid' as const };
      yield { kind: 'finished', at, outcome: 'failed', error };
    },
  };
  await using server = await serve(builds);
  const got = await ask(server.path, 'POST /build?remote=https://e.example/x.tar');
  assert.deepEqual(got, { status: 400, text: '{"message":"unknown instruction: NOPE"}\n' });
});

test('a build ends with its client', async () => {
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const builds = {
    contexts: { receive: async () => ({ id: 'c' }) },
    build: async function* (_request: BuildRequest, signal: AbortSignal): AsyncGenerator<BuildEvent> {
      yield { kind: 'started', build: 'b', at };
      begin();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      end();
    },
  };
  await using server = await serve(builds);
  const client = connect({ path: server.path });
  client.write('POST /build HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n');
  await begun;
  client.destroy();
  await ended;
});

test('pruning: policy and filters in, what went out', async () => {
  const seen: unknown[] = [];
  const prune = async (options: unknown) => {
    seen.push(options);
    return { deleted: seen.length === 1 ? ['a'] : [], spaceReclaimed: 5 };
  };
  await using server = await serve({ prune });
  const filters = encodeURIComponent('{"until":{"24h":true}}');
  const query = `all=1&keep-storage=10&max-used-space=20&min-free-space=30&filters=${filters}`;
  const got = await ask(server.path, `POST /build/prune?${query}`);
  assert.equal(got.text, '{"CachesDeleted":["a"],"SpaceReclaimed":5}\n');
  const none = await ask(server.path, 'POST /build/prune?reserved-space=1&keep-storage=2');
  assert.equal(none.text, '{"CachesDeleted":null,"SpaceReclaimed":5}\n');
  assert.deepEqual(seen, [
    { all: true, filters: { until: ['24h'] }, reservedSpace: 10, maxUsedSpace: 20, minFreeSpace: 30 },
    { all: false, filters: {}, reservedSpace: 1 },
  ]);
});

test('a cancel of what is not under way is no error', async () => {
  const seen: string[] = [];
  const cancel = (id: string) => {
    seen.push(id);
    if (id === 'gone') throw notFound('build', id);
  };
  await using server = await serve({ cancel });
  for (const id of ['gone', 'there'])
    assert.equal((await ask(server.path, `POST /build/cancel?id=${id}`)).status, 200);
  assert.deepEqual(seen, ['gone', 'there']);
});

const record: BuildCache = {
  ...{ ID: 'a', Parents: ['p'], Type: 'regular', Description: 'RUN make', InUse: false, Shared: false },
  ...{ Size: 7, CreatedAt: at, LastUsedAt: null, UsageCount: 1 },
};
const { Parents: _, ...parentless } = record;
const usage = { LayersSize: 0, Images: null, Containers: null, Volumes: null, BuildCache: [record] };
const shapes: [version: string, want: object][] = [
  ['1.51', usage],
  ['1.42', usage],
  ['1.41', { ...usage, BuilderSize: 7, BuildCache: [{ ...parentless, Parent: 'p' }] }],
  ['1.24', { ...usage, BuilderSize: 7, BuildCache: [{ ...parentless, Parent: 'p' }] }],
];
for (const [version, want] of shapes) {
  test(`the build cache in disk usage of ${version}`, async () => {
    await using server = await serve({}, { dataUsage: async () => usage });
    const got = await ask(server.path, `GET /v${version}/system/df`);
    assert.deepEqual(JSON.parse(got.text), want);
  });
}

test('a context sent as a difference, in three rounds', async () => {
  const seen: unknown[] = [];
  const contexts = {
    offer: async (offer: unknown) => {
      seen.push(offer);
      return { id: 'c', wanted: [1] };
    },
    digests: async (id: string, digests: unknown) => {
      seen.push(id, digests);
      return { id, wanted: [1] };
    },
    files: async (id: string, tar: AsyncIterable<Uint8Array>) => {
      seen.push(id, await drained(tar));
      return { id, wanted: [] };
    },
    receive: async (tar: AsyncIterable<Uint8Array>) => {
      seen.push(await drained(tar));
      return { id: 'whole' };
    },
  };
  await using server = await serve({ contexts });
  const offer = { origin: 'o', files: [{ t: 'f', p: 'a' }], at: 5 };
  const got = [
    await ask(server.path, 'POST /hoist/contexts', JSON.stringify(offer), asJson),
    await ask(server.path, 'POST /hoist/contexts/c/digests', '{"digests":{"1":"d"}}', asJson),
    await ask(server.path, 'PUT /hoist/contexts/c/files', 'files'),
    await ask(server.path, 'POST /hoist/contexts/tar', 'tar'),
  ];
  assert.deepEqual(
    got.map(({ text }) => JSON.parse(text) as object),
    [
      { id: 'c', wanted: [1] },
      { id: 'c', wanted: [1] },
      { id: 'c', wanted: [] },
      { id: 'whole', wanted: [] },
    ],
  );
  assert.deepEqual(seen, [offer, 'c', { digests: { 1: 'd' } }, 'c', 'files', 'tar']);
});

test('a build told event by event, its output fetched meanwhile', async () => {
  const { promise: fetched, resolve: fetch } = Promise.withResolvers<void>();
  const builds = {
    build: async function* (request: BuildRequest): AsyncGenerator<BuildEvent> {
      assert.deepEqual(request, { id: 'abcdefabcdef', tags: ['x'] });
      yield { kind: 'output', n: 0, type: 'tar' };
      await fetched;
      yield { kind: 'finished', at, outcome: 'done' };
    },
    output: async function* (id: string, n: number) {
      yield Buffer.from(`${id} ${n}`);
      fetch();
    },
  };
  await using server = await serve(builds);
  const body = '{"id":"abcdefabcdef","tags":["x"],"unknown":1}';
  const build = ask(server.path, 'POST /hoist/builds', body, asJson);
  const output = await ask(server.path, 'GET /hoist/builds/abcdefabcdef/output/0');
  assert.equal(output.text, 'abcdefabcdef 0');
  assert.equal((await ask(server.path, 'GET /hoist/builds/abcdefabcdef/output/x')).status, 404);
  const lines = (await build).text.trim().split('\r\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as BuildEvent).kind),
    ['output', 'finished'],
  );
});

test('builds that were', async () => {
  const forgotten: string[] = [];
  const summary = (id: string): BuildSummary => ({
    ...{ id, name: 'x', startedAt: at, outcome: 'done', steps: 1, cached: 0 },
  });
  const found: Readonly<Record<string, string>> = { x: 'xyz', abc: 'abc' };
  const builds = {
    history: () => ['abc', 'abcd', 'xyz'].map(summary),
    get: (id: string) => {
      const one = found[id];
      if (one === undefined) throw notFound('build', id);
      return summary(one);
    },
    events: async function* (id: string) {
      if (id !== 'xyz') throw notFound('build', id);
      yield { kind: 'started' };
    },
    forget: async (id: string) => void forgotten.push(id),
  };
  await using server = await serve(builds);
  const get = async (path: string) => ask(server.path, `GET /hoist/builds${path}`);
  assert.deepEqual(JSON.parse((await get('')).text), builds.history());
  assert.deepEqual(JSON.parse((await get('/x')).text), summary('xyz'));
  assert.deepEqual(JSON.parse((await get('/abc')).text), summary('abc'));
  assert.equal((await get('/ab')).status, 404);
  assert.equal((await get('/xyz/events')).text, '{"kind":"started"}\r\n');
  assert.equal((await get('/gone/events')).status, 404);
  assert.equal((await ask(server.path, 'DELETE /hoist/builds/xyz')).status, 204);
  assert.deepEqual(forgotten, ['xyz']);
});

test('a connection to an agent: both ways, and its end', async () => {
  const { promise: offered, resolve } = Promise.withResolvers<Duplex>();
  const { promise: used, resolve: end } = Promise.withResolvers<void>();
  const builds = {
    offerAgent: (id: string, name: string, connection: Duplex) => {
      if (name !== 'default') throw notFound('agent', name);
      assert.equal(id, 'b');
      resolve(connection);
      return used;
    },
  };
  await using server = await serve(builds);
  assert.equal((await ask(server.path, 'POST /hoist/builds/b/ssh/other')).status, 404);
  const client = connect({ path: server.path, allowHalfOpen: true });
  const upgrade = 'Connection: Upgrade\r\nUpgrade: tcp\r\n';
  client.write(`POST /hoist/builds/b/ssh/default HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n`);
  let text = '';
  client.on('data', (chunk) => {
    text += String(chunk);
  });
  const ended = new Promise((done) => client.once('end', done));
  const agent = await offered;
  agent.write('sign this');
  client.write('signed');
  const [heard] =
    (await new Promise<Buffer[]>((done) => agent.once('data', (bytes: Buffer) => done([bytes])))) ?? [];
  assert.equal(String(heard), 'signed');
  agent.write(', thanks');
  end();
  await ended;
  assert.match(text, /^HTTP\/1\.1 101 UPGRADED\r\n[\s\S]*\r\n\r\nsign this, thanks$/);
  client.end();
});

test('an agent ends when its client goes', async () => {
  const { promise: offered, resolve } = Promise.withResolvers<Duplex>();
  const offerAgent = (_id: string, _name: string, connection: Duplex) => {
    resolve(connection);
    return new Promise<void>((done) => connection.once('close', done));
  };
  await using server = await serve({ offerAgent });
  const client = connect({ path: server.path });
  client.write(
    'POST /hoist/builds/b/ssh/default HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
  );
  const agent = await offered;
  agent.resume();
  const closed = new Promise((done) => agent.once('close', done));
  client.destroy();
  await closed;
});
