import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Duplex, PassThrough } from 'node:stream';
import test from 'node:test';
import { notFound } from '#base/errors.ts';
import { serve } from '../../test/fixtures/served-engine.ts';

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

const ask = (socketPath: string, method: string, path: string, body?: unknown): Promise<Got> =>
  new Promise((resolve, reject) => {
    const headers = body === undefined ? {} : { 'Content-Type': 'application/json' };
    const request = httpRequest({ socketPath, method, path, headers }, async (response) => {
      const chunks = await Array.fromAsync(response as AsyncIterable<Buffer>);
      resolve({
        status: response.statusCode!,
        headers: response.headers,
        text: Buffer.concat(chunks).toString(),
      });
    });
    request.on('error', reject);
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });

const answers: [line: string, status: number, message: string][] = [
  ['GET /nowhere', 404, 'page not found'],
  ['PATCH /info', 404, 'page not found'],
  ['GET /v1.99/version', 400, 'client version 1.99 is too new. Maximum supported API version is 1.51'],
  [
    'GET /v1.12/version',
    400,
    'client version 1.12 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
  ],
  ['POST /v1.51/session', 501, 'POST /session is not implemented by this engine'],
  [
    'POST /v1.51/build?version=2',
    501,
    'BuildKit sessions are not supported by this engine: build with DOCKER_BUILDKIT=0',
  ],
  ['POST /build?isolation=hyperv', 400, 'Unsupported isolation: "hyperv"'],
  ['POST /build/cancel', 400, 'build ID not provided'],
  [
    'POST /build/prune?keep-storage=x',
    400,
    'keep-storage is in bytes and expects an integer, got x: strconv.ParseInt: parsing "x": invalid syntax',
  ],
  ['GET /distribution/a/b/json', 501, 'GET /distribution/{name*}/json is not implemented by this engine'],
  [
    'GET /services',
    503,
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  ],
  ['GET /plugins/a/json', 404, 'plugin "a" not found'],
  ['GET /containers/%zz/json', 400, 'invalid URL escape "%zz"'],
  ['POST /containers/create', 400, 'invalid JSON: got EOF while reading request body'],
  ['GET /events?since=5&until=4', 400, '`since` time (5) cannot be after `until` time (4)'],
];
for (const [line, status, message] of answers) {
  test(`${line} is answered ${status}`, async () => {
    await using server = await serve({});
    const [method = '', path = ''] = line.split(' ');
    const got = await ask(server.path, method, path);
    assert.equal(got.status, status);
    assert.deepEqual(JSON.parse(got.text), { message });
  });
}

test('a ping says what a client must know', async () => {
  await using server = await serve({});
  for (const [method, text] of [
    ['GET', 'OK'],
    ['HEAD', ''],
  ] as const) {
    const got = await ask(server.path, method, '/_ping');
    assert.equal(got.text, text);
    const { 'api-version': api, 'docker-experimental': experimental, ostype, swarm } = got.headers;
    assert.deepEqual([api, experimental, ostype, swarm], ['1.51', 'false', 'linux', 'inactive']);
  }
});

test('any path has options', async () => {
  await using server = await serve({});
  assert.equal((await ask(server.path, 'OPTIONS', '/v1.51/info')).status, 200);
});

test('names of images have slashes', async () => {
  const seen: string[] = [];
  const inspect = (name: string) => {
    seen.push(name);
    return { Size: 1, Config: {} };
  };
  const images = { inspect };
  await using server = await serve({ images });
  await ask(server.path, 'GET', '/v1.51/images/localhost:5000/team/app:1/json');
  await ask(server.path, 'GET', '/images/json/json');
  assert.deepEqual(seen, ['localhost:5000/team/app:1', 'json']);
});

test('a progress stream that fails before its first line is an error, later a last line', async () => {
  const images = {
    pull: async function* ({ name }: { name: string }) {
      if (name === 'absent:1') throw notFound('image', name);
      yield { status: 'Pulling' };
      throw notFound('layer', 'x');
    },
  };
  await using server = await serve({ images });
  const early = await ask(server.path, 'POST', '/images/create?fromImage=absent:1');
  assert.deepEqual([early.status, JSON.parse(early.text)], [404, { message: 'No such image: absent:1' }]);
  const late = await ask(server.path, 'POST', '/images/create?fromImage=there:1');
  assert.equal(late.status, 200);
  assert.deepEqual(
    late.text
      .trim()
      .split('\r\n')
      .map((line) => JSON.parse(line)),
    [{ status: 'Pulling' }, { errorDetail: { message: 'No such layer: x' }, error: 'No such layer: x' }],
  );
});

test('the work of a stream ends when its client goes', async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const views = {
    stats: async function* (_id: string, { signal }: { signal: AbortSignal }) {
      yield { read: 'now' };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      end();
    },
  };
  await using server = await serve({ containers: { views } });
  const client = await raw(server.path, 'GET /containers/a/stats HTTP/1.1\r\nHost: d\r\n\r\n');
  await client.until('"now"');
  client.socket.destroy();
  await ended;
});

test('a wait has its head at once and its body at the end', async () => {
  const { promise, resolve } = Promise.withResolvers<object>();
  await using server = await serve({ containers: { life: { wait: () => promise } } });
  const client = await raw(
    server.path,
    'POST /containers/a/wait HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n',
  );
  await client.until('200 OK');
  await client.until('\r\n\r\n');
  resolve({ StatusCode: 3 });
  await client.until('{"StatusCode":3}');
  client.socket.destroy();
});

test('a wait for what is not there is an error', async () => {
  const wait = async () => {
    throw notFound('container', 'a');
  };
  await using server = await serve({ containers: { life: { wait } } });
  assert.equal((await ask(server.path, 'POST', '/containers/a/wait')).status, 404);
});

/** A stream that gives back what it is given, and at the end says how it ended. */
const echo = (): Duplex => {
  const back = new PassThrough({ allowHalfOpen: true });
  const seen: Buffer[] = [];
  return new Duplex({
    allowHalfOpen: true,
    read() {
      back.on('data', (chunk) => this.push(chunk)).once('end', () => this.push(null));
    },
    write(chunk, _encoding, done) {
      seen.push(chunk);
      done();
    },
    final(done) {
      back.end(`got ${Buffer.concat(seen)}`);
      done();
    },
  });
};

const heads: [name: string, upgrade: string, want: string][] = [
  [
    'with an upgrade',
    'Connection: Upgrade\r\nUpgrade: tcp\r\n',
    'HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n',
  ],
  ['without an upgrade', '', 'HTTP/1.1 200 OK\r\n'],
];
for (const [name, upgrade, want] of heads) {
  test(`a hijacked connection ${name}: no byte is lost, and each direction ends by itself`, async () => {
    const streams = { attach: async () => ({ tty: false, stream: echo() }) };
    await using server = await serve({ containers: { streams } });
    const early = upgrade === '' ? '' : 'early ';
    const client = await raw(
      server.path,
      `POST /v1.51/containers/a/attach?stream=1&stdin=1 HTTP/1.1\r\nHost: d\r\n${upgrade}\r\n${early}`,
    );
    await client.until('\r\n\r\n');
    assert.ok(client.text().startsWith(want), client.text());
    assert.match(client.text(), /Content-Type: application\/vnd\.docker\.multiplexed-stream\r\n/);
    client.socket.end('late');
    await client.ended;
    assert.ok(client.text().endsWith(`\r\n\r\ngot ${early}late`), client.text());
  });
}

test('a refused upgrade whose body came late is an error reply', async () => {
  const inspect = () => {
    throw notFound('exec instance', 'a');
  };
  await using server = await serve({ containers: { execs: { inspect } } });
  const client = await raw(
    server.path,
    'POST /exec/a/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n',
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.socket.write('{}');
  await client.until('No such exec instance: a');
  await client.ended;
  client.socket.end();
});

test('a refused upgrade is an error reply', async () => {
  const attach = async () => {
    throw notFound('container', 'a');
  };
  await using server = await serve({ containers: { streams: { attach } } });
  const client = await raw(
    server.path,
    'POST /containers/a/attach HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n',
  );
  await client.until('No such container: a');
  assert.match(client.text(), /^HTTP\/1\.1 404 Not Found\r\n/);
  client.socket.destroy();
});

for (const pause of [0, 20]) {
  test(`the body of an upgraded request is read before the stream, ${pause} ms after the head`, async () => {
    const seen: unknown[] = [];
    const start = async (_id: string, options: object) => {
      seen.push(options);
      return { tty: true, stream: echo() };
    };
    const inspect = () => ({ ProcessConfig: { tty: true } });
    const execs = { start, inspect };
    await using server = await serve({ containers: { execs } });
    const body = '{"Tty":true}';
    const head = `POST /exec/a/start HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    const client = await raw(server.path, pause === 0 ? `${head}${body}input` : head);
    if (pause > 0) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      client.socket.write(body);
      await new Promise((resolve) => setTimeout(resolve, pause));
      client.socket.write('input');
    }
    await client.until('\r\n\r\n');
    client.socket.end();
    await client.ended;
    assert.ok(client.text().endsWith('got input'), client.text());
    assert.deepEqual(seen, [{ tty: true }]);
  });
}

interface RawClient {
  readonly socket: Socket;
  readonly ended: Promise<void>;
  text(): string;
  until(part: string): Promise<void>;
}

async function raw(path: string, first: string): Promise<RawClient> {
  const socket = connect({ path, allowHalfOpen: true });
  let text = '';
  let wake = () => {};
  socket.on('data', (chunk) => {
    text += chunk;
    wake();
  });
  const ended = new Promise<void>((resolve, reject) => socket.once('end', resolve).once('error', reject));
  ended.catch(() => undefined);
  socket.write(first);
  const until = async (part: string) => {
    while (!text.includes(part)) await new Promise<void>((resolve) => (wake = resolve));
  };
  return { socket, ended, text: () => text, until };
}
