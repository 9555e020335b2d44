import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { engineState } from '../fixtures/engine-state.ts';
import {
  importBusybox,
  installed,
  root,
  slowness,
  startHoistd,
  type TestEngine,
} from '../fixtures/engines.ts';

/** What goes wrong, the command that meets it, and what the user is told. `PORT` is the faulty registry's. */
interface Fault {
  readonly name: string;
  readonly command: string;
  readonly exitCode: number;
  readonly says: RegExp;
}

const faults: readonly Fault[] = [
  {
    name: 'unknown image',
    command: 'docker run --rm --pull never nosuch true',
    exitCode: 125,
    says: /No such image: nosuch:latest/,
  },
  {
    name: 'unknown tag',
    command: 'docker run --rm --pull never busybox:nosuch true',
    exitCode: 125,
    says: /No such image: busybox:nosuch/,
  },
  {
    name: 'unknown command',
    command: 'docker run --rm busybox nosuch',
    exitCode: 127,
    says: /exec: "nosuch": executable file not found in \$PATH/,
  },
  {
    name: 'a command that is no program',
    command: 'docker run --rm busybox /etc/passwd',
    exitCode: 126,
    says: /exec: "\/etc\/passwd": permission denied/,
  },
  {
    name: 'unknown user',
    command: 'docker run --rm -u nosuch busybox true',
    exitCode: 125,
    says: /unable to find user nosuch: no matching entries in passwd file/,
  },
  {
    name: 'relative workdir',
    command: 'docker run --rm -w here busybox true',
    exitCode: 125,
    says: /the working directory 'here' is invalid, it needs to be an absolute path/,
  },
  {
    name: 'a workdir that is a file',
    command: 'docker run --rm -w /etc/passwd busybox true',
    exitCode: 125,
    says: /not a directory|Cannot mkdir/i,
  },
  {
    name: 'unknown flag',
    command: 'docker run --nosuch busybox true',
    exitCode: 125,
    says: /unknown flag: --nosuch/,
  },
  {
    name: 'unknown signal',
    command: 'docker kill -s NOSUCH steady',
    exitCode: 1,
    says: /[Ii]nvalid signal: NOSUCH/,
  },
  {
    name: 'unknown network',
    command: 'docker run --rm --network nosuch busybox true',
    exitCode: 125,
    says: /network nosuch not found/,
  },
  {
    name: 'unknown container',
    command: 'docker start nosuch',
    exitCode: 1,
    says: /No such container: nosuch/,
  },
  {
    name: 'network of an unknown container',
    command: 'docker run --rm --network container:nosuch busybox true',
    exitCode: 125,
    says: /No such container: nosuch/,
  },
  {
    name: 'name clash',
    command: 'docker run --rm --name steady busybox true',
    exitCode: 125,
    says: /Conflict\. The container name "\/steady" is already in use by container "[0-9a-f]{64}"\. You have to remove \(or rename\) that container to be able to reuse that name\./,
  },
  {
    name: 'port in use by a container',
    command: 'docker run --rm -p 19001:80 busybox true',
    exitCode: 125,
    says: /Bind for 0\.0\.0\.0:19001 failed: port is already allocated/,
  },
  {
    name: 'port in use by another program',
    command: 'docker run --rm -p 127.0.0.1:PORT:80 busybox true',
    exitCode: 125,
    says: /127\.0\.0\.1:\d+.*address already in use/,
  },
  {
    name: 'out of memory',
    command:
      'docker run --rm --memory 16m --memory-swap 16m busybox sh -c "head -c 64m /dev/zero | tail; exit 137"',
    exitCode: 137,
    says: /|Killed/,
  },
  {
    name: 'missing bind source',
    command: 'docker run --rm --mount type=bind,source=/no/such,target=/x busybox true',
    exitCode: 125,
    says: /bind source path does not exist: \/no\/such/,
  },
  {
    name: 'registry down',
    command: 'docker pull 127.0.0.1:1/any',
    exitCode: 1,
    says: /dial tcp 127\.0\.0\.1:1: connect: connection refused/,
  },
  {
    name: 'wrong digest',
    command: 'docker pull 127.0.0.1:PORT/wrong-digest',
    exitCode: 1,
    says: /digest|filesystem layer verification failed/,
  },
  {
    name: 'wrong size',
    command: 'docker pull 127.0.0.1:PORT/wrong-size',
    exitCode: 1,
    says: /size|unexpected EOF/,
  },
  {
    name: '401',
    command: 'HOIST pull 127.0.0.1:PORT/unauthorised </dev/null',
    exitCode: 1,
    says: /unauthorized: authentication required/,
  },
  { name: '403', command: 'docker pull 127.0.0.1:PORT/denied', exitCode: 1, says: /denied/ },
  {
    name: '404',
    command: 'docker pull 127.0.0.1:PORT/missing',
    exitCode: 1,
    says: /manifest for 127\.0\.0\.1:\d+\/missing:latest not found: manifest unknown/,
  },
  {
    name: '429',
    command: 'docker pull 127.0.0.1:PORT/busy',
    exitCode: 1,
    says: /toomanyrequests|rate limit/i,
  },
  { name: '500', command: 'docker pull 127.0.0.1:PORT/broken', exitCode: 1, says: /500|unknown/ },
  { name: 'a layer that is no archive', command: 'echo nonsense | docker load', exitCode: 1, says: /./ },
];

const skip =
  ['docker', 'unshare', 'nsenter'].find((program) => !installed(program)) === undefined
    ? false
    : 'docker is not installed';
let engine: TestEngine | undefined;
let port = '';

before(async () => {
  if (skip !== false) return;
  engine = await startHoistd();
  importBusybox(engine);
  const registry = engine.spawnBeside(process.execPath, join(root, 'test/fixtures/faulty-registry.ts'));
  port = await new Promise<string>((resolve) =>
    registry.stdout?.once('data', (chunk: Buffer) => resolve(String(chunk).trim())),
  );
  docker(engine, 'docker run -d --name steady -p 19001:80 busybox sleep 600');
});

after(async () => {
  await engine?.[Symbol.asyncDispose]();
});

const docker = (on: TestEngine, command: string) =>
  spawnSync(
    'timeout',
    [
      '--kill-after=2',
      '60',
      'sh',
      '-c',
      command.replaceAll('PORT', port).replaceAll('HOIST', join(root, 'bin/hoist')),
    ],
    {
      env: { ...process.env, DOCKER_HOST: on.host },
      encoding: 'utf8',
    },
  );

for (const { name, command, exitCode, says } of faults) {
  test(`${name}: told clearly, and nothing leaks`, { skip }, async () => {
    assert.ok(engine);
    const earlier = engineState(engine);
    const done = docker(engine, command);
    assert.match(`${done.stderr}${done.stdout}`, says);
    assert.equal(done.status, exitCode);
    await settled(engine, earlier);
    assert.deepEqual(engineState(engine), earlier);
  });
}

/** Teardown that is rightly off the answer's path gets a while. */
async function settled(on: TestEngine, earlier: object): Promise<void> {
  for (let tries = 0; tries < 50 && !isDeepStrictEqual(engineState(on), earlier); tries += 1)
    await sleep(100 * slowness);
}

test('a second daemon on one root is refused', { skip }, () => {
  assert.ok(engine);
  const second = spawnSync(
    join(root, 'bin/hoistd'),
    [
      '-H',
      `unix://${engine.directory}/second.sock`,
      '--data-root',
      `${engine.directory}/data`,
      '--exec-root',
      `${engine.directory}/run2`,
      '--pidfile',
      `${engine.directory}/pid2`,
    ],
    { encoding: 'utf8', timeout: 20_000 },
  );
  assert.notEqual(second.status, 0);
  assert.match(second.stderr + second.stdout, /in use|already/);
  assert.equal(docker(engine, 'docker inspect -f "{{.State.Running}}" steady').stdout, 'true\n');
});

test('the socket gone: the client says so', { skip }, () => {
  const done = spawnSync('docker', ['-H', 'unix:///nonexistent/hoist.sock', 'ps'], { encoding: 'utf8' });
  assert.match(done.stderr, /Cannot connect to the Docker daemon|failed to connect/);
  const ours = spawnSync(join(root, 'bin/hoist'), ['-H', 'unix:///nonexistent/hoist.sock', 'ps'], {
    encoding: 'utf8',
  });
  assert.match(ours.stderr, /Cannot connect/);
  assert.equal(ours.status, 1);
});

test('a full disk: pull and load say so, and nothing of them stays', {
  skip: skip || fullDiskSkip(),
}, async () => {
  const mountPoint = mkdtempSync(join(tmpdir(), 'full-'));
  const made = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', mountPoint]);
  assert.equal(made.status, 0);
  try {
    const directory = join(mountPoint, 'hoistd-full');
    mkdirSync(directory);
    await using small = await startHoistd({ directory });
    const earlier = engineState(small);
    const done = docker(
      small,
      `head -c 60m /dev/urandom > ${tmpdir()}/noise.$$; tar cf - -C ${tmpdir()} noise.$$ | docker import - big:1; s=$?; rm ${tmpdir()}/noise.$$; exit $s`,
    );
    assert.match(done.stderr, /no space left on device/i);
    assert.equal(done.status, 1);
    await settled(small, earlier);
    assert.deepEqual(engineState(small), earlier);
  } finally {
    spawnSync('umount', [mountPoint]);
    rmSync(mountPoint, { recursive: true, force: true });
  }
});

function fullDiskSkip(): string | false {
  return process.getuid?.() === 0 ? false : 'needs root';
}
