import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test, { after, before } from 'node:test';
import { capabilityMask, possibleCapabilities } from '#linux/capabilities.ts';
import { until } from '../fixtures/docker-client.ts';
import { importBusybox, startHoistd, type TestEngine, which } from '../fixtures/engines.ts';

/** An unmodified docker client drives the daemon. */

const skip = which('docker') ? false : 'not installed: docker';
const directory = mkdtempSync(join(tmpdir(), 'hoist-run-'));
let engine: TestEngine;
before(async () => {
  if (skip) return;
  engine = await startHoistd();
  importBusybox(engine);
});
after(async () => {
  await engine?.[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function docker(args: readonly string[], input = ''): Ended {
  const ended = spawnSync('docker', ['-H', engine.host, ...args], {
    encoding: 'utf8',
    input,
    timeout: 30_000,
    maxBuffer: 64 << 20,
    killSignal: 'SIGKILL',
  });
  return { code: ended.status, out: ended.stdout, err: ended.stderr };
}

/** The same on a terminal of its own, made by `script`: what it shows, with the terminal's line ends. */
function onTerminal(args: readonly string[], keys: readonly string[] = []): Promise<Ended> {
  const command = ['docker', '-H', engine.host, ...args]
    .map((word) => `'${word.replaceAll("'", "'\\''")}'`)
    .join(' ');
  const child = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { promise, resolve } = Promise.withResolvers<Ended>();
  const waiting = [...keys];
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
    // the next key goes in when the prompt that asks for it has come
    if (waiting.length > 0 && out.trimEnd().endsWith(`ready${keys.length - waiting.length}`))
      child.stdin.write(waiting.shift()!);
  });
  child.on('exit', (code) => resolve({ code, out, err: '' }));
  const timer = setTimeout(() => child.kill('SIGKILL'), 30_000);
  return promise.finally(() => clearTimeout(timer));
}

/** Waits until a container has printed this and no more. */
const printed = (name: string, text: string) =>
  until(`the output of ${name}`, () => docker(['logs', name]).out === text);

const runs: [name: string, args: string[], want: Partial<Ended>, input?: string][] = [
  ['output', ['run', '--rm', 'busybox', 'echo', 'hello'], { code: 0, out: 'hello\n', err: '' }],
  ['streams apart', ['run', '--rm', 'busybox', 'sh', '-c', 'echo a; echo b >&2'], { out: 'a\n', err: 'b\n' }],
  ['input', ['run', '--rm', '-i', 'busybox', 'cat'], { out: 'some input\n' }, 'some input\n'],
  ['no input', ['run', '--rm', '-i', 'busybox', 'wc', '-c'], { out: '0\n' }],
  ['an exit code', ['run', '--rm', 'busybox', 'sh', '-c', 'exit 42'], { code: 42 }],
  ['a signal', ['run', '--rm', 'busybox', 'sh', '-c', 'sh -c "kill -9 \\$\\$"; exit $?'], { code: 137 }],
  ['environment', ['run', '--rm', '-e', 'A=b', 'busybox', 'sh', '-c', 'echo $A'], { out: 'b\n' }],
  ['a working directory', ['run', '--rm', '-w', '/var/www', 'busybox', 'pwd'], { out: '/var/www\n' }],
  ['a user', ['run', '--rm', '-u', '33:33', 'busybox', 'id', '-u'], { out: '33\n' }],
  ['a host name', ['run', '--rm', '--hostname', 'web', 'busybox', 'hostname'], { out: 'web\n' }],
  ['an entry point', ['run', '--rm', '--entrypoint', 'echo', 'busybox', 'x'], { out: 'x\n' }],
  [
    'no network',
    ['run', '--rm', '--network', 'none', 'busybox', 'sh', '-c', 'ls /sys/class/net'],
    { out: 'lo\n' },
  ],
  ['a read-only root', ['run', '--rm', '--read-only', 'busybox', 'touch', '/x'], { code: 1 }],
  ['a tmpfs', ['run', '--rm', '--read-only', '--tmpfs', '/t', 'busybox', 'touch', '/t/x'], { code: 0 }],
  ['a memory limit', ['run', '--rm', '-m', '32m', 'busybox', 'true'], { code: 0 }],
  [
    'a bind',
    ['run', '--rm', '-v', `${directory}:/d`, 'busybox', 'sh', '-c', 'echo bound > /d/bound'],
    { code: 0 },
  ],
  [
    'many bytes',
    ['run', '--rm', 'busybox', 'sh', '-c', 'head -c 3000000 /dev/zero | wc -c'],
    { out: '3000000\n' },
  ],
];
for (const [name, args, want, input] of runs) {
  test(`run: ${name}`, { skip }, () => {
    const got = docker(args, input);
    assert.deepEqual({ ...got, ...want }, got);
  });
}

test('a bind is the host’s own', { skip }, () => {
  assert.equal(readFileSync(join(directory, 'bound'), 'utf8'), 'bound\n');
});

test('three million bytes each way arrive as they left', { skip }, () => {
  const bytes = 'x'.repeat(99).concat('\n').repeat(30_000);
  const { out } = docker(['run', '--rm', '-i', 'busybox', 'cat'], bytes);
  assert.ok(out === bytes, `${out.length} bytes came back`);
});

const failures: [name: string, args: string[], code: number, message: RegExp][] = [
  [
    'a program that there is not',
    ['run', '--rm', 'busybox', 'nosuch'],
    127,
    /exec: "nosuch": executable file not found in \$PATH/,
  ],
  [
    'a folder as a program',
    ['run', '--rm', 'busybox', '/etc'],
    126,
    /exec: "\/etc": (is a directory|permission denied)/,
  ],
  [
    'a user that there is not',
    ['run', '--rm', '-u', 'nobodyatall', 'busybox', 'true'],
    125,
    /unable to find user nobodyatall: no matching entries in passwd file/,
  ],
  [
    'a network that there is not',
    ['run', '--rm', '--network', 'nowhere', 'busybox', 'true'],
    125,
    /network nowhere not found/,
  ],
  [
    'an image that there is not',
    ['run', '--rm', '--pull', 'never', 'nothere:1', 'true'],
    125,
    /No such image: nothere:1/,
  ],
  [
    'an option that makes no sense',
    ['run', '--rm', '-m', '1k', 'busybox', 'true'],
    125,
    /Minimum memory limit allowed is 6MB/,
  ],
];
for (const [name, args, code, message] of failures) {
  test(`run: ${name}`, { skip }, () => {
    const got = docker(args);
    assert.match(got.err, message);
    assert.equal(got.code, code);
    assert.equal(docker(['ps', '-aq']).out, '');
  });
}

const lacks = (name: string) => !possibleCapabilities().includes(name);

for (const flag of ['--privileged', '--cap-add=SYS_RESOURCE'])
  test(`run ${flag} where the engine itself lacks a capability: it runs, with a warning`, {
    skip: skip || (lacks('CAP_SYS_RESOURCE') ? false : 'CAP_SYS_RESOURCE is not lacking'),
  }, () => {
    const left = 'Capabilities that this engine does not have itself are left out: CAP_SYS_RESOURCE';
    const { code, out, err } = docker([
      'run',
      '--rm',
      flag,
      'busybox',
      'grep',
      'CapEff',
      '/proc/self/status',
    ]);
    assert.deepEqual({ code, err }, { code: 0, err: `WARNING: ${left}\n` });
    assert.equal(BigInt(`0x${out.slice(7).trim()}`) & capabilityMask(['CAP_SYS_RESOURCE']), 0n);
    assert.match(engine.log(), new RegExp(left));
  });

test('an image tells where its layers are', { skip }, () => {
  const { out } = docker(['image', 'inspect', '-f', '{{json .GraphDriver.Data}}', 'busybox']);
  const data = JSON.parse(out) as Record<string, string>;
  assert.deepEqual(Object.keys(data), ['UpperDir']);
  assert.ok(existsSync(data['UpperDir']!));
});

test('a container that only waits has no files but its own; what inspect tells of is there', {
  skip,
}, async () => {
  const inspect = (format: string) => docker(['inspect', '-f', format, 'waits']).out.trim();
  const places = '{{.HostsPath}} {{.HostnamePath}} {{.ResolvConfPath}}';
  docker(['create', '--name', 'waits', 'busybox', 'sh', '-c', 'sleep 1; echo late; exec sleep 600']);
  assert.equal(inspect(places), '');
  docker(['start', 'waits']);
  assert.deepEqual(readdirSync(inspect('{{.GraphDriver.Data.UpperDir}}')), []);
  assert.equal(existsSync(inspect('{{.LogPath}}')), false);
  assert.equal(docker(['logs', 'waits']).out, '');
  const following = spawn('docker', ['-H', engine.host, 'logs', '-f', '--tail', '0', 'waits']);
  let followed = '';
  following.stdout.setEncoding('utf8').on('data', (text: string) => (followed += text));
  await until('the late line', () => followed === 'late\n');
  assert.equal(existsSync(inspect('{{.LogPath}}')), true);
  docker(['kill', 'waits']);
  for (const path of inspect(places).split(' ')) assert.ok(existsSync(path), path);
  assert.match(readFileSync(inspect('{{.HostsPath}}'), 'utf8'), new RegExp(inspect('{{.Config.Hostname}}')));
  const folders = [inspect('{{.HostsPath}}'), inspect('{{.LogPath}}')].map(dirname);
  docker(['rm', 'waits']);
  assert.deepEqual(
    folders.filter((path) => existsSync(path)),
    [],
  );
});

test('an image whose /etc is a link keeps it', { skip }, () => {
  const folder = mkdtempSync(join(directory, 'linked-'));
  const make = `mkdir bin mine && cp "$1" bin/busybox && ln -s busybox bin/sh && ln -s mine etc && tar -c .`;
  const made = spawnSync('sh', ['-c', make, 'sh', which('busybox')!], { cwd: folder, maxBuffer: 64 << 20 });
  spawnSync('docker', ['-H', engine.host, 'import', '-', 'linked'], { input: made.stdout });
  const script = 'busybox readlink /etc; busybox ls /mine; busybox cat /etc/hostname';
  const { out } = docker(['run', '--rm', '--hostname', 'web', 'linked', 'sh', '-c', script]);
  assert.equal(out, 'mine\nhostname\nhosts\nresolv.conf\nweb\n');
});

test('a name in use', { skip }, () => {
  docker(['create', '--name', 'taken', 'busybox']);
  assert.match(
    docker(['create', '--name', 'taken', 'busybox']).err,
    /The container name "\/taken" is already in use by container/,
  );
  docker(['rm', 'taken']);
});

test('a terminal: its name, its size, its exit code', { skip }, async () => {
  const got = await onTerminal(['run', '--rm', '-it', 'busybox', 'sh', '-c', 'tty; exit 3']);
  assert.deepEqual([got.out.replaceAll('\0', ''), got.code], ['/dev/pts/0\r\n', 3]);
});

test('a terminal: what is typed arrives, Ctrl-C is a signal there', { skip }, async () => {
  const script =
    'trap "echo caught; exit 5" INT; echo ready0; read line; echo got $line; echo ready1; sleep 20 & wait';
  const got = await onTerminal(['run', '--rm', '-it', 'busybox', 'sh', '-c', script], ['typed\r', '\x03']);
  assert.match(got.out, /got typed\r\n[\s\S]*caught\r\n/);
  assert.equal(got.code, 5);
});

test('the detach keys leave the container running', { skip }, async () => {
  const got = await onTerminal(
    ['run', '-it', '--name', 'detached', 'busybox', 'sh', '-c', 'echo ready0; sleep 60'],
    ['\x10\x11'],
  );
  assert.equal(got.code, 0);
  assert.equal(docker(['inspect', '-f', '{{.State.Status}}', 'detached']).out, 'running\n');
  assert.equal(docker(['rm', '-f', 'detached']).code, 0);
});

test('attach and logs tell the same; a signal is passed on', { skip }, async () => {
  const script =
    'trap "echo bye; exit 4" TERM; echo up; read line; echo "got $line"; while :; do sleep 0.1; done';
  docker(['run', '-di', '--name', 'spoken', 'busybox', 'sh', '-c', script]);
  await printed('spoken', 'up\n');
  const client = spawn('docker', ['-H', engine.host, 'attach', 'spoken'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise((resolve) => client.once('close', resolve));
  let out = '';
  client.stdout.on('data', (chunk) => (out += chunk));
  client.stdin.write('a line\n');
  await until('the answer to the line', () => out === 'got a line\n');
  client.kill('SIGTERM');
  assert.deepEqual([await ended, out], [4, 'got a line\nbye\n']);
  assert.equal(docker(['logs', 'spoken']).out, 'up\ngot a line\nbye\n');
  assert.equal(docker(['logs', '--tail', '1', 'spoken']).out, 'bye\n');
  docker(['rm', 'spoken']);
});

test('exec: output, input, exit codes, a terminal, a program that there is not', { skip }, async () => {
  docker(['run', '-d', '--name', 'host', 'busybox', 'sleep', '600']);
  assert.deepEqual(docker(['exec', 'host', 'echo', 'hi']), { code: 0, out: 'hi\n', err: '' });
  assert.equal(docker(['exec', '-i', 'host', 'cat'], 'in\n').out, 'in\n');
  assert.equal(docker(['exec', 'host', 'sh', '-c', 'exit 9']).code, 9);
  assert.equal(
    docker(['exec', '-w', '/tmp', '-e', 'A=b', '-u', '33', 'host', 'sh', '-c', 'pwd; echo $A; id -u']).out,
    '/tmp\nb\n33\n',
  );
  const absent = docker(['exec', 'host', 'nosuch']);
  assert.equal(absent.code, 127);
  assert.match(
    absent.out + absent.err,
    /OCI runtime exec failed: .*exec: "nosuch": executable file not found in \$PATH/,
  );
  const terminal = await onTerminal(['exec', '-it', 'host', 'sh', '-c', 'tty; exit 6']);
  assert.match(terminal.out, /\/dev\/pts\/\d/);
  assert.equal(terminal.code, 6);
  docker(['rm', '-f', 'host']);
});

test('cp both ways, diff, commit, export', { skip }, () => {
  writeFileSync(join(directory, 'in.txt'), 'copied\n');
  docker(['run', '--name', 'files', 'busybox', 'sh', '-c', 'echo made > /made']);
  assert.equal(docker(['cp', join(directory, 'in.txt'), 'files:/tmp/']).code, 0);
  assert.equal(docker(['cp', 'files:/tmp/in.txt', join(directory, 'out.txt')]).code, 0);
  assert.equal(readFileSync(join(directory, 'out.txt'), 'utf8'), 'copied\n');
  assert.match(docker(['diff', 'files']).out, /^A \/made$/m);
  assert.match(docker(['commit', '-c', 'CMD ["cat", "/made"]', 'files', 'made:1']).out, /^sha256:/);
  assert.equal(docker(['run', '--rm', 'made:1']).out, 'made\n');
  docker(['rm', 'files']);
  docker(['rmi', 'made:1']);
});

test('a published port answers on the host', { skip }, async () => {
  docker(['run', '-d', '--name', 'web', '-p', '18080:80', 'busybox', 'httpd', '-f', '-h', '/etc']);
  assert.match(docker(['port', 'web']).out, /^80\/tcp -> 0\.0\.0\.0:18080$/m);
  const inside = [
    `--net=/proc/${engine.pid}/ns/net`,
    'busybox',
    'wget',
    '-qO-',
    'http://127.0.0.1:18080/hostname',
  ];
  let answer = '';
  await until('an answer of the server', () => {
    answer = spawnSync('nsenter', inside, { encoding: 'utf8' }).stdout;
    return answer !== '';
  });
  assert.match(answer, /^[0-9a-f]{12}\n$/);
  assert.match(docker(['run', '--rm', '-p', '18080:80', 'busybox', 'true']).err, /port is already allocated/);
  docker(['rm', '-f', 'web']);
});

test('stop, start, restart, pause, kill, wait', { skip }, async () => {
  const script = 'trap "exit 7" TERM; echo up; sleep 600 & wait';
  docker(['run', '-d', '--name', 'life', 'busybox', 'sh', '-c', script]);
  await printed('life', 'up\n');
  const status = () => docker(['inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'life']).out.trim();
  docker(['stop', 'life']);
  assert.equal(status(), 'exited 7');
  docker(['start', 'life']);
  docker(['pause', 'life']);
  assert.equal(status(), 'paused 0');
  docker(['unpause', 'life']);
  docker(['restart', '-t', '1', 'life']);
  assert.equal(status(), 'running 0');
  docker(['kill', 'life']);
  assert.equal(docker(['wait', 'life']).out, '137\n');
  docker(['rm', 'life']);
});

test('a client that is killed takes nothing with it', { skip }, async () => {
  const client = spawn('docker', [
    '-H',
    engine.host,
    'run',
    '--name',
    'alone',
    'busybox',
    'sh',
    '-c',
    'echo up; sleep 600',
  ]);
  await new Promise((resolve) => client.stdout.once('data', resolve));
  client.kill('SIGKILL');
  assert.equal(docker(['inspect', '-f', '{{.State.Status}}', 'alone']).out, 'running\n');
  docker(['rm', '-f', 'alone']);
});

test('the daemon is killed and comes back: containers went on, logs are whole, attach and exec work', {
  skip,
}, async () => {
  docker([
    'run',
    '-d',
    '--name',
    'steady',
    'busybox',
    'sh',
    '-c',
    'i=0; while [ $i -lt 600 ]; do i=$((i+1)); echo $i; sleep 0.05; done',
  ]);
  docker(['run', '-d', '--name', 'brief', 'busybox', 'sh', '-c', 'sleep 0.5; exit 5']);
  const pid = docker(['inspect', '-f', '{{.State.Pid}}', 'brief']).out.trim();
  await engine.kill();
  await until('the end of a container', () => !existsSync(`/proc/${pid}`));
  await engine.restart();
  assert.equal(docker(['inspect', '-f', '{{.State.Status}} {{.State.ExitCode}}', 'brief']).out, 'exited 5\n');
  assert.equal(docker(['exec', 'steady', 'echo', 'in']).out, 'in\n');
  const numbers = () => docker(['logs', 'steady']).out.trim().split('\n').map(Number);
  await until('more numbers', () => numbers().length > 10);
  docker(['stop', '-t', '0', 'steady']);
  const lines = numbers();
  assert.deepEqual(
    lines,
    lines.map((_, index) => index + 1),
  );
  docker(['rm', 'steady', 'brief']);
});
