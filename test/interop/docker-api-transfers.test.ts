import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { describedApi } from '../fixtures/described-api.ts';
import { busyboxTar, importBusybox, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { ask } from '../fixtures/unix-http.ts';

/** Streams of images in and out, networks, terminals: each answer is held against the published description. */

let engine: TestEngine;
const call = describedApi(() => engine);
before(async () => {
  engine = await startHoistd();
  importBusybox(engine);
});
after(() => engine?.[Symbol.asyncDispose]());

/** The lines of a progress stream. */
const progress = (text: string): Record<string, unknown>[] =>
  text
    .trim()
    .split(/\r?\n/)
    .map((line) => JSON.parse(line));

test('import, save and load', async () => {
  const imported = await call(
    'POST',
    '/images/create?fromSrc=-&repo=brought&tag=1&changes=CMD%20%5B%22ls%22%5D',
    200,
    busyboxTar(),
  );
  assert.match(String(progress(imported.text).at(-1)?.['status']), /^sha256:/);
  const [id] = (await call('GET', '/images/brought:1/json', 200)).json['RepoTags'] as string[];
  assert.equal(id, 'brought:1');
  const response = await fetchBytes('/v1.51/images/get?names=brought:1&names=busybox');
  await call('DELETE', '/images/brought:1', 200);
  const loaded = await call('POST', '/images/load?quiet=1', 200, response);
  assert.match(loaded.text, /Loaded image: brought:1/);
  await call('DELETE', '/images/brought:1', 200);
});

test('a load that is no archive, an import from nowhere', async () => {
  const answer = await ask(engine.socket, 'POST', '/v1.51/images/load', 'no archive');
  assert.match(answer.text, /"(message|error)":/);
  await call('POST', '/images/create?fromSrc=http://127.0.0.1:1/x.tar', 500);
  await call('POST', '/images/create?fromSrc=ftp://127.0.0.1/x.tar', 400);
  await call('POST', '/images/create', 400);
});

test('a push to nobody, a push of nothing', async () => {
  await call('POST', '/images/busybox/tag?repo=127.0.0.1:1/busybox', 201);
  const pushed = await ask(engine.socket, 'POST', '/v1.51/images/127.0.0.1:1/busybox/push?tag=latest');
  assert.match(pushed.text, /connection refused/);
  await call('DELETE', '/images/127.0.0.1:1/busybox', 200);
  assert.match(
    (await ask(engine.socket, 'POST', '/v1.51/images/127.0.0.1:1/none/push')).text,
    /does not exist locally/,
  );
});

test('a network of one’s own', async () => {
  const created = await call('POST', '/networks/create', 201, {
    Name: 'own',
    Labels: { a: 'b' },
    IPAM: { Config: [{ Subnet: '10.77.0.0/24' }] },
  });
  await call('POST', '/networks/create', 409, { Name: 'own' });
  const { json } = await call('GET', '/networks/own', 200);
  assert.equal(json['Id'], created.json['Id']);
  assert.deepEqual((json['IPAM'] as { Config: object[] }).Config, [
    { Subnet: '10.77.0.0/24', Gateway: '10.77.0.1' },
  ]);
  assert.equal(
    ((await call('GET', '/networks?filters={"type":["custom"]}', 200)).body as unknown[]).length,
    1,
  );
  await call('POST', '/containers/create?name=member', 201, {
    Image: 'busybox',
    Cmd: ['sleep', '60'],
    HostConfig: { NetworkMode: 'own' },
  });
  await call('POST', '/containers/member/start', 204);
  const networks = (await call('GET', '/containers/member/json', 200)).json['NetworkSettings'] as {
    Networks: Record<string, { IPAddress: string }>;
  };
  assert.equal(networks.Networks['own']?.IPAddress, '10.77.0.2');
  await call('DELETE', '/networks/own', 403);
  await call('DELETE', '/networks/bridge', 403);
  await call('DELETE', '/containers/member?force=1', 204);
  await call('DELETE', '/networks/own', 204);
  await call('POST', '/networks/prune', 200);
});

test('sizes of terminals', async () => {
  await call('POST', '/containers/create?name=wide', 201, {
    Image: 'busybox',
    Cmd: ['sleep', '60'],
    Tty: true,
  });
  await call('POST', '/containers/wide/resize?h=30&w=100', 409);
  await call('POST', '/containers/wide/start', 204);
  await call('POST', '/containers/wide/resize?h=30&w=100', 200);
  await call('POST', '/containers/wide/resize?h=x&w=100', 400);
  const { json } = await call('POST', '/containers/wide/exec', 201, {
    Cmd: ['stty', 'size'],
    Tty: true,
    AttachStdout: true,
  });
  const sized = await call('POST', `/exec/${json['Id']}/start`, 200, { Tty: true, ConsoleSize: [20, 50] });
  assert.equal(sized.text, '20 50\r\n');
  await call('DELETE', '/containers/wide?force=1', 204);
});

test('logs that are asked for without a stream', async () => {
  await call('POST', '/containers/create?name=quiet', 201, { Image: 'busybox', Cmd: ['true'] });
  const answer = await call('GET', '/containers/quiet/logs', 400);
  assert.match(String(answer.json['message']), /you must choose at least one stream/);
  await call('DELETE', '/containers/quiet', 204);
});

test('a wait for a removal, begun before the start', async () => {
  await call('POST', '/containers/create?name=brief', 201, {
    Image: 'busybox',
    Cmd: ['sh', '-c', 'exit 6'],
    HostConfig: { AutoRemove: true },
  });
  const waited = call('POST', '/containers/brief/wait?condition=removed', 200);
  await call('POST', '/containers/brief/start', 204);
  assert.equal((await waited).json['StatusCode'], 6);
  await call('GET', '/containers/brief/json', 404);
  await call('POST', '/containers/brief/wait?condition=removed', 404);
});

test('a ping needs no version, HEAD no body', async () => {
  const got = await ask(engine.socket, 'HEAD', '/_ping');
  assert.equal(got.status, 200);
  for (const [name, value] of Object.entries({
    'api-version': '1.51',
    ostype: 'linux',
    swarm: 'inactive',
    'docker-experimental': 'false',
  }))
    assert.equal(got.headers[name], value);
});

async function fetchBytes(path: string): Promise<Uint8Array> {
  const { request } = await import('node:http');
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  request({ socketPath: engine.socket, path }, async (response) => {
    resolve(Buffer.concat(await Array.fromAsync(response as AsyncIterable<Buffer>)));
  })
    .on('error', reject)
    .end();
  return promise;
}
