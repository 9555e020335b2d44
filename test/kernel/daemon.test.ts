import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { until } from '../fixtures/docker-client.ts';
import { importBusybox, root, startHoistd, type TestEngine } from '../fixtures/engines.ts';
import { get, post } from '../fixtures/unix-http.ts';

const directory = mkdtempSync(join(tmpdir(), 'hoist-daemon-'));
after(() => rmSync(directory, { recursive: true }));

/** Runs a daemon that is to end by itself. */
function run(...args: string[]): { readonly code: number | null; readonly output: string } {
  const ended = spawnSync(join(root, 'bin/hoistd'), args, { encoding: 'utf8', timeout: 30_000 });
  return { code: ended.status, output: ended.stdout + ended.stderr };
}

const own = (name: string): string[] => [
  '--data-root',
  join(directory, name),
  '--exec-root',
  join(directory, `${name}-run`),
];

const refusals: [name: string, args: string[], output: RegExp][] = [
  ['an unknown flag', ['--bogus'], /^unknown flag: --bogus\nSee 'hoistd --help'\.\n$/],
  ['an argument', ['extra'], /^"hoistd" accepts no arguments\nSee/],
  [
    'a file that is not there',
    ['--config-file', '/nowhere.json'],
    /unable to configure the daemon with file \/nowhere\.json/,
  ],
  [
    'plain TCP',
    [...own('tcp'), '-H', 'tcp://127.0.0.1:23759'],
    /^failed to start daemon: Refusing to serve tcp:\/\/127\.0\.0\.1:23759 to clients without a certificate/,
  ],
  [
    'TLS that asks for no certificate',
    [...own('tcp'), '-H', 'tcp://127.0.0.1:23759', '--tls'],
    /^failed to start daemon: Refusing to serve/,
  ],
  [
    'certificates that are not there',
    [...own('tcp'), '-H', 'tcp://127.0.0.1:23759', '--tlsverify', '--tlscert', '/nowhere.pem'],
    /Could not load X509 key pair/,
  ],
  [
    'a storage driver that there is not',
    [...own('driver'), '-s', 'floppy', '-H', `unix://${directory}/d.sock`],
    /floppy/,
  ],
];
for (const [name, args, output] of refusals) {
  test(`refused: ${name}`, () => {
    const ended = run(...args);
    assert.equal(ended.code, 1, ended.output);
    assert.match(ended.output, output);
  });
}

test('help, version and validation run nothing', () => {
  assert.match(run('--help').output, /Usage: {2}hoistd \[OPTIONS\][\s\S]*--live-restore/);
  assert.match(run('-v').output, /^Hoist version \d/);
  const file = join(directory, 'valid.json');
  writeFileSync(file, '{"debug": true}');
  assert.deepEqual(run('--config-file', file, '--validate'), { code: 0, output: 'configuration OK\n' });
});

test('the socket is for root and the group docker', async () => {
  await using engine = await startHoistd();
  const stat = statSync(engine.socket);
  assert.equal(stat.mode & 0o777, 0o660);
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((row) => row.startsWith('docker:'));
  assert.equal(stat.gid, line === undefined ? 0 : Number(line.split(':')[2]));
});

test('one engine to a data root, one to a socket; both are free once it was killed', async () => {
  await using engine = await startHoistd();
  const data = ['--data-root', join(engine.directory, 'data')];
  const second = run(
    ...data,
    '--exec-root',
    join(directory, 'second'),
    '-H',
    `unix://${directory}/second.sock`,
  );
  assert.equal(second.code, 1);
  assert.match(second.output, new RegExp(`data is already in use by another hoistd \\(pid ${engine.pid}\\)`));
  const sameSocket = run(...own('third'), '--bridge', 'none', '-H', engine.host);
  assert.match(sameSocket.output, /failed to load listeners: listen unix .*: bind: address already in use/);
  await engine.kill();
  assert.ok(existsSync(engine.socket));
  await engine.restart();
  assert.equal((await get(engine.socket, '/_ping')).status, 200);
});

test('a file in the socket’s place is left alone', async () => {
  const path = join(directory, 'file.sock');
  writeFileSync(path, 'mine');
  assert.match(
    run(...own('file'), '--bridge', 'none', '-H', `unix://${path}`).output,
    /the file is there and is no socket/,
  );
  assert.equal(readFileSync(path, 'utf8'), 'mine');
});

test('a port in use is told', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as { port: number };
  const ended = run(
    ...own('port'),
    '--bridge',
    'none',
    '--insecure-tcp-without-tls',
    '-H',
    `tcp://127.0.0.1:${port}`,
  );
  assert.match(ended.output, /SERVED OVER TCP TO CLIENTS THAT NOBODY VOUCHES FOR/);
  assert.match(ended.output, /failed to load listeners: listen EADDRINUSE/);
  server.close();
});

test('a daemon that ends leaves neither socket nor pid file', async () => {
  const engine = await startHoistd();
  const pidFile = join(engine.directory, 'pid');
  assert.equal(readFileSync(pidFile, 'utf8'), `${engine.pid}\n`);
  process.kill(engine.pid, 'SIGTERM');
  for (let tries = 0; existsSync(pidFile) && tries < 1000; tries += 1)
    await new Promise((wake) => setTimeout(wake, 20));
  assert.deepEqual([existsSync(pidFile), existsSync(engine.socket)], [false, false]);
  await engine[Symbol.asyncDispose]();
});

test('SIGHUP reads the configuration file again; a bad one changes nothing', async () => {
  const file = join(directory, 'reloaded.json');
  writeFileSync(file, '{"labels": ["a=1"]}');
  await using engine = await startHoistd({ arguments: ['--config-file', file] });
  const info = async () => (await get(engine.socket, '/info')).body as { Labels: string[]; Debug: boolean };
  assert.deepEqual((await info()).Labels, ['a=1']);
  const reloaded = async (text: string, line: RegExp) => {
    writeFileSync(file, text);
    process.kill(engine.pid, 'SIGHUP');
    for (let tries = 0; !line.test(engine.log()) && tries < 1000; tries += 1)
      await new Promise((wake) => setTimeout(wake, 20));
    assert.match(engine.log(), line);
  };
  await reloaded('{"labels": ["a=2"], "debug": true}', /Reloaded configuration/);
  assert.deepEqual([(await info()).Labels, (await info()).Debug], [['a=2'], true]);
  await reloaded('{"labels": ["a=3"], "nonsense": 1}', /Cannot reload.*nonsense/);
  assert.deepEqual((await info()).Labels, ['a=2']);
  const before = engine.log().length;
  writeFileSync(file, '{}');
  process.kill(engine.pid, 'SIGHUP');
  while (!engine.log().slice(before).includes('Reloaded')) await new Promise((wake) => setTimeout(wake, 20));
  assert.deepEqual([(await info()).Labels, (await info()).Debug], [[], false]);
});

/** Starts a container that ends with 7 when it is asked to, or that never does. */
async function runSleeper(engine: TestEngine, name: string, trap: string): Promise<void> {
  const config = {
    Image: 'busybox',
    Cmd: ['sh', '-c', `trap "${trap}" TERM; echo up; while :; do sleep 0.05; done`],
  };
  assert.equal((await post(engine.socket, `/containers/create?name=${name}`, config)).status, 201);
  assert.equal((await post(engine.socket, `/containers/${name}/start`)).status, 204);
  const printed = async () => (await get(engine.socket, `/containers/${name}/logs?stdout=1`)).text;
  while (!(await printed()).includes('up')) await new Promise((wake) => setTimeout(wake, 10));
}

async function stateOf(engine: TestEngine, name: string): Promise<string> {
  const { State } = (await get(engine.socket, `/containers/${name}/json`)).body as {
    State: { Status: string; ExitCode: number };
  };
  return `${State.Status} ${State.ExitCode}`;
}

test('a daemon that ends stops its containers, each by its own signal, and shows their end to who is attached', async () => {
  await using engine = await startHoistd({ arguments: ['--live-restore=false', '--shutdown-timeout', '5'] });
  importBusybox(engine);
  await runSleeper(engine, 'willing', 'echo bye; exit 7');
  const client = spawn('docker', ['-H', engine.host, 'attach', 'willing'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let seen = '';
  client.stdout.on('data', (chunk) => {
    seen += chunk;
  });
  const left = new Promise((resolve) => client.once('close', resolve));
  const events = () => get(engine.socket, `/events?since=1&until=${(Date.now() / 1000).toFixed(9)}`);
  await until('the client at the container', async () => (await events()).text.includes('"attach"'));
  await engine.restart();
  await left;
  assert.equal(seen, 'bye\n');
  assert.equal(await stateOf(engine, 'willing'), 'exited 7');
});

test('with --live-restore containers outlive the daemon, and one that asks for all its time is not waited for', async () => {
  await using engine = await startHoistd({ arguments: ['--live-restore'] });
  importBusybox(engine);
  await runSleeper(engine, 'steady', '');
  const before = Date.now();
  await engine.restart();
  assert.ok(Date.now() - before < 5000);
  assert.equal(await stateOf(engine, 'steady'), 'running 0');
});

test('a container that will not stop is killed within the shutdown timeout of the daemon or its own', async () => {
  await using engine = await startHoistd({ arguments: ['--live-restore=false', '--shutdown-timeout', '2'] });
  importBusybox(engine);
  await runSleeper(engine, 'stubborn', '');
  const before = Date.now();
  await engine.restart();
  assert.ok(Date.now() - before < 8000);
  assert.match(await stateOf(engine, 'stubborn'), /^(exited 137|running 0)$/);
});
