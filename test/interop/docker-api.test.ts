import assert from 'node:assert/strict';
import { connect } from 'node:net';
import test, { after, before } from 'node:test';
import { describedApi } from '../fixtures/described-api.ts';
import { importBusybox, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { checkAnswer } from '../fixtures/spec.ts';
import { ask } from '../fixtures/unix-http.ts';

/** Every route that is built, asked once or more; each answer is held against the published description. */

let engine: TestEngine;
before(async () => {
  engine = await startHoistd();
  importBusybox(engine);
});
after(() => engine?.[Symbol.asyncDispose]());

const call = describedApi(() => engine);

const sleeper = {
  Image: 'busybox',
  Cmd: ['sh', '-c', 'echo out; echo err >&2; trap "exit 7" TERM; sleep 1000 & wait'],
};

test('system', async () => {
  await call('GET', '/version', 200);
  await call('GET', '/info', 200);
  await call('GET', '/system/df', 200);
  await call('GET', '/system/df?type=image', 200);
  await call('GET', '/system/df?type=soup', 400);
  await call('POST', '/auth', 500, { username: 'a', password: 'b', serveraddress: 'localhost:1' });
});

test('a container from its creation to its end', async () => {
  const created = await call('POST', '/containers/create?name=api-life', 201, {
    ...sleeper,
    Labels: { test: 'life' },
    ExposedPorts: { '80/tcp': {} },
    HostConfig: { Binds: null, Memory: 64 << 20 },
  });
  const id = String(created.json['Id']);
  await call('POST', '/containers/create?name=api-life', 409, sleeper);
  await call('GET', '/containers/api-life/json', 200);
  await call('POST', `/containers/${id}/start`, 204);
  await call('POST', `/containers/${id}/start`, 304);
  const running = await call('GET', `/containers/${id.slice(0, 12)}/json?size=1`, 200);
  assert.equal((running.json['State'] as { Status: string }).Status, 'running');
  const listed = await call('GET', '/containers/json?filters={"label":["test=life"]}', 200);
  assert.equal((listed.body as unknown[]).length, 1);
  await call('GET', '/containers/json?size=1&limit=1', 200);
  await call('GET', '/containers/api-life/top', 200);
  await call('GET', '/containers/api-life/top?ps_args=aux', 200);
  await call('GET', '/containers/api-life/stats?stream=0', 200);
  await call('GET', '/containers/api-life/stats?stream=0&one-shot=1', 200);
  await call('POST', '/containers/api-life/pause', 204);
  await call('POST', '/containers/api-life/unpause', 204);
  await call('POST', '/containers/api-life/update', 200, { Memory: 80 << 20, MemorySwap: 160 << 20 });
  await call('POST', '/containers/api-life/rename?name=api-renamed', 204);
  const logs = await call('GET', '/containers/api-renamed/logs?stdout=1&stderr=1', 200);
  assert.match(logs.text, /out\n/);
  await call('POST', '/containers/api-renamed/kill?signal=TERM', 204);
  const waited = await call('POST', '/containers/api-renamed/wait', 200);
  assert.equal(waited.json['StatusCode'], 7);
  await call('POST', '/containers/api-renamed/stop', 304);
  await call('POST', '/containers/api-renamed/kill', 409);
  await call('POST', '/containers/api-renamed/restart?t=1', 204);
  await call('DELETE', '/containers/api-renamed', 409);
  await call('POST', '/containers/api-renamed/stop?t=1', 204);
  await call('DELETE', '/containers/api-renamed?v=1', 204);
  await call('GET', '/containers/api-renamed/json', 404);
});

test('what is not there, and what makes no sense', async () => {
  for (const line of [
    'GET /containers/nobody/json',
    'GET /containers/nobody/logs?stdout=1',
    'GET /containers/nobody/top',
    'GET /containers/nobody/changes',
    'GET /containers/nobody/stats',
    'GET /containers/nobody/export',
    'POST /containers/nobody/start',
    'POST /containers/nobody/stop',
    'POST /containers/nobody/restart',
    'POST /containers/nobody/kill',
    'POST /containers/nobody/pause',
    'POST /containers/nobody/unpause',
    'POST /containers/nobody/rename?name=x',
    'POST /containers/nobody/wait',
    'POST /containers/nobody/attach?stream=1',
    'POST /containers/nobody/resize?h=1&w=1',
    'DELETE /containers/nobody',
    'GET /containers/nobody/archive?path=/',
    'GET /exec/nobody/json',
    'GET /images/nobody/json',
    'GET /images/nobody/history',
    'DELETE /images/nobody',
    'POST /images/nobody/tag?repo=x',
    'GET /networks/nobody',
    'GET /volumes/nobody',
    'DELETE /volumes/nobody',
  ]) {
    const [method = '', path = ''] = line.split(' ');
    const answer = await call(method, path, 404);
    assert.equal(typeof answer.json['message'], 'string', line);
  }
  await call('POST', '/containers/create', 404, { Image: 'nobody' });
  await call('POST', '/containers/create', 400, { Image: 5 });
  await call('POST', '/containers/create?name=a/b', 400, sleeper);
  await call('GET', '/containers/json?filters=x', 400);
  await call('GET', '/containers/json?filters={"bogus":["1"]}', 400);
});

test('execs', async () => {
  const { json } = await call('POST', '/containers/create?name=api-exec', 201, sleeper);
  await call('POST', '/containers/api-exec/exec', 409, { Cmd: ['true'] });
  await call('POST', '/containers/api-exec/start', 204);
  const exec = await call('POST', '/containers/api-exec/exec', 201, {
    AttachStdout: true,
    Cmd: ['sh', '-c', 'echo hi; exit 3'],
  });
  const id = String(exec.json['Id']);
  await call('GET', `/exec/${id}/json`, 200);
  const output = await call('POST', `/exec/${id}/start`, 200, { Detach: false, Tty: false });
  assert.match(output.text, /hi\n/);
  assert.equal((await call('GET', `/exec/${id}/json`, 200)).json['ExitCode'], 3);
  await call('POST', `/exec/${id}/start`, 409, { Detach: true });
  const detached = await call('POST', '/containers/api-exec/exec', 201, { Cmd: ['true'] });
  await call('POST', `/exec/${detached.json['Id']}/start`, 200, { Detach: true });
  await call('DELETE', `/containers/${json['Id']}?force=1`, 204);
});

test('images', async () => {
  await call('GET', '/images/json', 200);
  await call('GET', '/images/json?all=1&shared-size=1', 200);
  await call('GET', '/images/busybox/json', 200);
  await call('GET', '/images/busybox:latest/history', 200);
  await call('POST', '/images/busybox/tag?repo=localhost:5000/team/app&tag=1', 201);
  await call('GET', '/images/localhost:5000/team/app:1/json', 200);
  const saved = await call('GET', '/images/localhost:5000/team/app:1/get', 200);
  assert.ok(saved.text.length > 1000);
  await call('DELETE', '/images/localhost:5000/team/app:1', 200);
  await call('POST', '/images/prune', 200);
  await call('POST', '/images/create?fromImage=localhost:1/none&tag=1', 500);
});

test('a container’s files, and an image of them', async () => {
  const { json } = await call('POST', '/containers/create?name=api-files', 201, {
    Image: 'busybox',
    Cmd: ['sh', '-c', 'echo kept > /kept; rm /etc/passwd; ln -s /kept /link'],
  });
  await call('POST', '/containers/api-files/start', 204);
  await call('POST', '/containers/api-files/wait', 200);
  const changes = await call('GET', '/containers/api-files/changes', 200);
  assert.ok(
    (changes.body as { Path: string }[]).some(({ Path }) => Path === '/kept'),
    changes.text,
  );
  const stat = await call('HEAD', '/containers/api-files/archive?path=/kept', 200);
  const header = JSON.parse(
    Buffer.from(String(stat.headers['x-docker-container-path-stat']), 'base64').toString(),
  );
  assert.deepEqual([header.name, header.size], ['kept', 5]);
  const archive = await call('GET', '/containers/api-files/archive?path=/kept', 200);
  assert.match(archive.text, /kept\n/);
  await call('PUT', '/containers/api-files/archive?path=/tmp', 200, tarOf('put.txt', 'put\n'));
  assert.match((await call('GET', '/containers/api-files/archive?path=/tmp/put.txt', 200)).text, /put\n/);
  await call('GET', '/containers/api-files/archive?path=/nowhere', 404);
  await call('GET', '/containers/api-files/export', 200);
  const committed = await call(
    'POST',
    '/commit?container=api-files&repo=committed&comment=c&author=a',
    201,
    {},
  );
  assert.match(String(committed.json['Id']), /^sha256:/);
  await call('GET', '/images/committed/json', 200);
  await call('DELETE', '/images/committed', 200);
  await call('DELETE', `/containers/${json['Id']}`, 204);
});

test('networks and volumes', async () => {
  const networks = await call('GET', '/networks', 200);
  assert.deepEqual((networks.body as { Name: string }[]).map(({ Name }) => Name).sort(), [
    'bridge',
    'host',
    'none',
  ]);
  await call('GET', '/networks/bridge', 200);
  await call('POST', '/volumes/create', 201, { Name: 'api-volume', Labels: { a: 'b' } });
  await call('GET', '/volumes', 200);
  await call('GET', '/volumes/api-volume', 200);
  await call('DELETE', '/volumes/api-volume', 204);
  await call('POST', '/volumes/prune', 200);
});

test('events tell what happened, with the fields of old', async () => {
  const since = Date.now() / 1000 - 0.001;
  const { json } = await call('POST', '/containers/create?name=api-events', 201, {
    Image: 'busybox',
    Cmd: ['true'],
  });
  await call('POST', '/containers/api-events/start', 204);
  await call('POST', '/containers/api-events/wait', 200);
  await call('DELETE', '/containers/api-events', 204);
  const until = Date.now() / 1000 + 0.2;
  const answer = await ask(
    engine.socket,
    'GET',
    `/v1.51/events?since=${since}&until=${until}&filters={"type":["container"]}`,
  );
  const events = answer.text
    .trim()
    .split(/\r?\n/)
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map(({ Action }) => Action),
    ['create', 'start', 'die', 'destroy'],
  );
  for (const event of events) {
    assert.equal(event.status, event.Action);
    assert.equal(event.id, json['Id']);
    assert.equal(event.from, 'busybox');
    checkAnswer({ method: 'GET', path: '/events', status: 200, body: event });
  }
});

test('prune', async () => {
  await call('POST', '/containers/create?name=api-prune', 201, { Image: 'busybox' });
  const pruned = await call('POST', '/containers/prune', 200);
  assert.equal((pruned.json['ContainersDeleted'] as string[]).length, 1);
  await call('POST', '/build/prune', 200);
});

const unbuilt: [method: string, path: string][] = [
  ['GET', '/distribution/busybox/json'],
  ['POST', '/plugins/pull?remote=x'],
  ['POST', '/session'],
];
for (const [method, path] of unbuilt) {
  test(`not built, and said so: ${method} ${path}`, async () => {
    const answer = await call(method, path, 501);
    assert.match(String(answer.json['message']), /is not implemented by this engine$/);
  });
}

for (const path of ['/swarm', '/services', '/tasks', '/nodes', '/secrets', '/configs']) {
  test(`no swarm: GET ${path}`, async () => {
    const answer = await call('GET', path, 503);
    assert.match(
      String(answer.json['message']),
      /^This node is not a swarm manager\. Use "docker swarm init"/,
    );
  });
}

for (const minor of [24, 30, 40, 41, 42, 44, 51]) {
  test(`version 1.${minor} of the API lists, inspects and runs`, async () => {
    const name = `api-v${minor}`;
    const at = (method: string, path: string, body?: object) =>
      ask(engine.socket, method, `/v1.${minor}${path}`, body);
    assert.equal(
      (await at('POST', `/containers/create?name=${name}`, { Image: 'busybox', Cmd: ['true'] })).status,
      201,
    );
    assert.equal((await at('POST', `/containers/${name}/start`)).status, 204);
    assert.equal(
      ((await at('POST', `/containers/${name}/wait`)).body as { StatusCode: number }).StatusCode,
      0,
    );
    assert.equal((await at('GET', `/containers/${name}/json`)).status, 200);
    const [image] = (await at('GET', '/images/json')).body as { Size: number; VirtualSize?: number }[];
    assert.equal(image?.VirtualSize, minor < 44 ? image?.Size : undefined);
    assert.equal((await at('DELETE', `/containers/${name}`)).status, 204);
  });
}

test('an early byte and a late one, on a connection without an upgrade', async () => {
  await call('POST', '/containers/create?name=api-raw', 201, {
    ...{ Image: 'busybox', Cmd: ['cat'], OpenStdin: true, StdinOnce: true },
    ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true },
  });
  const socket = connect({ path: engine.socket, allowHalfOpen: true });
  let text = '';
  const ended = new Promise((resolve) => socket.on('data', (chunk) => (text += chunk)).once('end', resolve));
  socket.write(
    'POST /containers/api-raw/attach?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: d\r\nContent-Length: 0\r\n\r\n',
  );
  while (!text.includes('\r\n\r\n')) await new Promise((resolve) => setTimeout(resolve, 5));
  await call('POST', '/containers/api-raw/start', 204);
  socket.write('one\n');
  socket.end('two\n');
  await ended;
  assert.match(text, /^HTTP\/1\.1 200 OK\r\nContent-Type: application\/vnd\.docker\.multiplexed-stream\r\n/);
  assert.equal(text.split('\r\n\r\n')[1]!.replaceAll(/\x01\0\0\0..../gs, ''), 'one\ntwo\n');
  await call('DELETE', '/containers/api-raw?force=1', 204);
});

test('a web socket carries a container’s streams', async () => {
  await call('POST', '/containers/create?name=api-ws', 201, {
    ...{ Image: 'busybox', Cmd: ['cat'], OpenStdin: true, StdinOnce: true },
  });
  await call('POST', '/containers/api-ws/start', 204);
  const key = 'dGhlIHNhbXBsZSBub25jZQ==';
  const socket = connect({ path: engine.socket });
  let seen = Buffer.alloc(0);
  socket.on('data', (chunk) => {
    seen = Buffer.concat([seen, chunk as Buffer]);
  });
  const until = async (text: string) => {
    while (!seen.includes(Buffer.from(text, 'latin1')))
      await new Promise((resolve) => setTimeout(resolve, 5));
  };
  socket.write(
    'GET /v1.51/containers/api-ws/attach/ws?stream=1&stdin=1&stdout=1 HTTP/1.1\r\nHost: d\r\nConnection: Upgrade\r\n' +
      `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  await until('Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n');
  // a masked frame whose mask is zeros: its payload is as it is
  socket.write(Buffer.concat([Buffer.of(0x81, 0x80 | 3, 0, 0, 0, 0), Buffer.from('hi\n')]));
  await until('\x82\x03hi\n');
  socket.write(Buffer.of(0x88, 0x80, 0, 0, 0, 0));
  assert.equal((await call('POST', '/containers/api-ws/wait', 200)).json['StatusCode'], 0);
  socket.destroy();
  await call('DELETE', '/containers/api-ws', 204);
});

/** A tar of one file. */
function tarOf(name: string, content: string): Uint8Array {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        0', 148);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, Buffer.from(content.padEnd(512, '\0')), Buffer.alloc(1024)]);
}
