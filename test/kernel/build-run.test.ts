import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  globSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { after, before, describe } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { FileSource } from '#archive/file-source.ts';
import { fromText } from '#archive/tar-entry.ts';
import { cancelled } from '#base/errors.ts';
import { runCrashPoints } from '#build/run/crash-points.ts';
import type { StepMount } from '#build/run/run-step.ts';
import { mount, unmount } from '#linux/index.ts';
import { layerLines, openStepBench, runScript, type StepBench, stepRequest } from './build-run-fixture.ts';
import { testConfig } from './container-fixture.ts';

const skip = process.getuid?.() === 0 ? false : 'needs root';

/** What a bench holds of the machine beside images and caches: nothing, between steps. */
function remains({ root }: Pick<StepBench, 'root'>): Record<string, readonly string[]> {
  const { cgroupParent, runRoot } = testConfig(root);
  const listed = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
  return {
    steps: listed(join(runRoot, 'builds')),
    tasks: listed(join(runRoot, 'tasks')),
    snapshots: globSync(join(root, 'data/*/snapshots/*')),
    groups: globSync(`/sys/fs/cgroup/{*/,}${cgroupParent}/*/`),
    mounts: readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => line.includes(root)),
    links: listed('/sys/class/net').filter((name) => name.startsWith('hv')),
  };
}
async function leavesNothing(bench: StepBench): Promise<void> {
  await bench.runner.settled();
  assert.deepEqual(remains(bench), nothing);
}

const nothing = { steps: [], tasks: [], snapshots: [], groups: [], mounts: [], links: [] };

describe('steps', { skip }, () => {
  let bench: StepBench;
  before(async () => {
    bench = await openStepBench();
  });
  after(() => bench[Symbol.asyncDispose]());

  test('what a step writes, changes and deletes is its layer', async () => {
    const { layer, size, exitCode } = await runScript(
      bench,
      `echo hi > /data/new; rm /data/file; mkdir -p /etc/a/b; ln -s /x /etc/link; ln /data/new /etc/hard
       chmod 4755 /tmp; chown 100:101 /data/new; rm -rf /home/web; mkdir /home/web; touch -d @5 /home/old`,
    );
    assert.equal(exitCode, 0);
    assert.equal(size, 5); // of the link, too
    assert.deepEqual(await layerLines(bench, layer!), [
      'directory 755 0:0 1000 data/',
      'file 0 0:0 0 data/.wh.file',
      'file 644 100:101 1000 data/new "hi\\n"',
      'directory 755 0:0 1000 etc/',
      'directory 755 0:0 1000 etc/a/',
      'directory 755 0:0 1000 etc/a/b/',
      'hardLink 644 100:101 1000 etc/hard data/new',
      'symlink 777 0:0 1000 etc/link /x',
      'directory 755 0:0 1000 home/',
      'file 644 0:0 5 home/old',
      'directory 755 0:0 1000 home/web/',
      'directory 4755 0:0 1000 tmp/',
    ]);
    const next = await runScript(bench, 'cat /data/new; ls /data', { layers: [...bench.base, layer!] });
    assert.equal(next.stdout, 'hi\nnew\n');
    assert.equal(next.layer, undefined);
    await leavesNothing(bench);
  });

  test('the same step at another time gives the same layer', async () => {
    const script = 'mkdir -p /srv/a && echo 1 > /srv/a/b && echo x >> /data/file && touch /etc/group';
    const first = await runScript(bench, script);
    await delay(1100);
    assert.equal((await runScript(bench, script)).layer, first.layer);
  });

  test('both streams, the exit code, and no layer of a step that failed', async () => {
    const { layer, ...ran } = await runScript(bench, 'echo out; echo err >&2; touch /new; exit 3');
    assert.equal(layer, undefined);
    assert.deepEqual(ran, { exitCode: 3, oomKilled: false, stdout: 'out\n', stderr: 'err\n', size: 0 });
  });

  test('a program that is not there', async () => {
    await assert.rejects(
      bench.runner.run(stepRequest(bench, '', { args: ['/no/such'] })),
      /exec: "\/no\/such": stat \/no\/such: no such file or directory/,
    );
    await assert.rejects(
      bench.runner.run(stepRequest(bench, '', { user: 'nobody-here' })),
      /unable to find user/,
    );
    await leavesNothing(bench);
  });

  test('output that nobody takes holds the process up, and all of it comes', async () => {
    let bytes = 0;
    const { exitCode } = await runScript(bench, 'dd if=/dev/zero bs=1024 count=4096 2>/dev/null', {
      output: async (_, piece) => {
        bytes += piece.length;
        if (bytes < 1 << 20) await delay(1);
      },
    });
    assert.equal(exitCode, 0);
    assert.equal(bytes, 4 << 20);
  });

  test('user, folder, environment, hosts and limits are as asked for', async () => {
    const { stdout } = await runScript(
      bench,
      'id -u; id -g; pwd; echo $A $HOME; grep build.test /etc/hosts; ulimit -n; df -k /dev/shm | tail -1; hostname',
      {
        user: 'web',
        workingDirectory: '/data',
        env: ['PATH=/bin', 'A=b'],
        surroundings: {
          extraHosts: ['build.test:10.9.8.7'],
          ulimits: [{ Name: 'nofile', Soft: 123, Hard: 456 }],
          shmSize: 8 << 20,
        },
      },
    );
    const lines = stdout.split('\n');
    assert.deepEqual(lines.slice(0, 6), [
      '100',
      '101',
      '/data',
      'b /home/web',
      '10.9.8.7\tbuild.test',
      '123',
    ]);
    assert.match(lines[6]!, /\b8192\b/);
  });

  test('networks: none, host and the default', async () => {
    const links = (network: string) => runScript(bench, 'ls /sys/class/net; ip -4 addr show', { network });
    assert.doesNotMatch((await links('none')).stdout, /eth0/);
    assert.match((await links('default')).stdout, /eth0[\s\S]*inet 10\.213\./);
    assert.match((await links('host')).stdout, new RegExp(testConfig(bench.root).bridge));
    await assert.rejects(links('nowhere'), /network nowhere not found/);
    await leavesNothing(bench);
  });

  test('an insecure step has all capabilities, another has not', async () => {
    const script =
      'mkdir -p /m && mount -t tmpfs none /m && echo mounted; grep -c . /proc/self/status >/dev/null';
    assert.equal((await runScript(bench, script)).stdout, '');
    assert.equal((await runScript(bench, script, { insecure: true })).stdout, 'mounted\n');
  });

  test('a step that wants too much memory is said to', async () => {
    const ran = await runScript(bench, 'exec tail -c 200m /dev/zero', {
      surroundings: { extraHosts: [], ulimits: [], memory: 16 << 20 },
    });
    assert.equal(ran.oomKilled, true);
    assert.notEqual(ran.exitCode, 0);
    await leavesNothing(bench);
  });

  test('a cancel ends a step at once, and leaves nothing', async () => {
    const { promise: up, resolve } = Promise.withResolvers<void>();
    const stop = new AbortController();
    const run = runScript(bench, 'trap "" TERM; touch /new; (sleep 1000 &); echo up; sleep 1000', {
      network: 'default',
      signal: stop.signal,
      output: () => resolve(),
    });
    await up;
    const since = performance.now();
    stop.abort(cancelled('no more'));
    await assert.rejects(run, { kind: 'cancelled', message: 'no more' });
    assert.ok(performance.now() - since < 2000);
    await leavesNothing(bench);
    await assert.rejects(runScript(bench, 'true', { signal: stop.signal }), { kind: 'cancelled' });
  });

  test('a cancel while nobody takes the output', async () => {
    const { promise: up, resolve } = Promise.withResolvers<void>();
    const stop = new AbortController();
    const run = runScript(bench, 'yes', {
      signal: stop.signal,
      output: () => {
        resolve();
        return new Promise(() => undefined);
      },
    });
    await up;
    stop.abort(cancelled('no more'));
    await assert.rejects(run, { kind: 'cancelled' });
    await leavesNothing(bench);
  });

  test('a cancel while the layer is made', async () => {
    const stop = new AbortController();
    const script = 'cd /data; for i in $(seq 1500); do mkdir d$i; echo $i > d$i/f; done; echo done';
    const output = () => void setTimeout(() => stop.abort(cancelled('no more')), 30);
    const run = runScript(bench, script, { signal: stop.signal, output });
    await assert.rejects(run, { kind: 'cancelled' });
    await leavesNothing(bench);
  });

  test('who takes the output fails: so does the step, at once', async () => {
    const output = () => {
      throw new Error('cannot take it');
    };
    await assert.rejects(runScript(bench, 'yes', { output }), /cannot take it/);
    await leavesNothing(bench);
  });

  test('steps beside one another', async () => {
    const scripts = Array.from({ length: 8 }, (_, index) => `echo ${index} > /data/${index}; echo ${index}`);
    const all = await Promise.all(scripts.map((script) => runScript(bench, script)));
    assert.deepEqual(
      all.map(({ stdout }) => stdout),
      scripts.map((_, index) => `${index}\n`),
    );
    await leavesNothing(bench);
  });
});

describe('mounts of steps', { skip }, () => {
  let bench: StepBench;
  before(async () => {
    bench = await openStepBench();
  });
  after(() => bench[Symbol.asyncDispose]());
  const withMounts = (script: string, mounts: readonly StepMount[], more = {}) =>
    runScript(bench, script, { ...more, mounts });

  test('bind: of layers, read-only, by a folder or a file, or written to and dropped', async () => {
    const from = { layers: bench.base };
    const bind = (target: string, source: string, writable = false): StepMount => ({
      ...{ type: 'bind', target, source, writable, from },
    });
    const ran = await withMounts(
      'cat /m/all/data/file /m/one /m/part/file; touch /m/part/x; echo > /m/rw/x; ls /m/rw; rm /m/rw/data/file',
      [bind('/m/all', '/'), bind('/m/one', 'data/file'), bind('/m/part', '/data'), bind('/m/rw', '/', true)],
    );
    assert.equal(ran.exitCode, 0);
    assert.match(ran.stdout, /^(from the image\n){3}bin\ndata\netc\nhome\ntmp\nx\n$/);
    assert.match(ran.stderr, /Read-only file system/);
    assert.equal(ran.layer, undefined);
    const inner = await withMounts('cat /m/file', [bind('/m', '/data', true)]);
    assert.equal(inner.stdout, 'from the image\n');
    await assert.rejects(withMounts('true', [bind('/m', '/nowhere')]), /"\/nowhere": not found/);
    await assert.rejects(withMounts('true', [bind('/.', '/')]), /invalid mount target "\/\."/);
    await leavesNothing(bench);
  });

  test('bind: a link in the source stays inside', async () => {
    const { layer } = await runScript(bench, 'ln -s /etc /data/out; ln -s ../../../../etc/passwd /data/up');
    const from = { layers: [...bench.base, layer!] };
    const mounts: StepMount[] = [
      { type: 'bind', target: '/m', source: '/data/out', writable: false, from },
      { type: 'bind', target: '/p', source: '/data/up', writable: false, from },
    ];
    const { stdout } = await withMounts('ls /m; head -1 /p', mounts);
    assert.equal(stdout, 'group\npasswd\nroot:x:0:0:root:/root:/bin/sh\n');
  });

  test('bind: of files, stored once for the same content', async () => {
    const mount = (): StepMount => ({
      type: 'bind',
      target: '/m',
      source: '/',
      writable: false,
      from: { files: twoFiles() },
    });
    for (const _ of [1, 2]) {
      const { stdout, layer } = await withMounts('cd /m; cat a b/c', [mount()]);
      assert.equal(stdout, 'AC');
      assert.equal(layer, undefined);
    }
    await leavesNothing(bench);
  });

  test('the way to a mount by a link is no change either', async () => {
    const { layer } = await runScript(bench, 'mkdir /run; ln -s /run /alias');
    const layers = [...bench.base, layer!];
    const ran = await withMounts(
      'touch /alias/inner/place/x',
      [{ type: 'tmpfs', target: '/alias/inner/place' }],
      {
        layers,
      },
    );
    assert.equal(ran.exitCode, 0);
    assert.equal(ran.layer, undefined);
  });

  test('tmpfs: its size, and nothing of it in the layer', async () => {
    const ran = await withMounts('df -k /m | tail -1; echo x > /m/x; echo y > /y', [
      { type: 'tmpfs', target: '/m', size: 1 << 20 },
    ]);
    assert.match(ran.stdout, /\b1024\b/);
    assert.deepEqual(await layerLines(bench, ran.layer!), ['file 644 0:0 1000 y "y\\n"']);
  });

  test('secret: a file with its owner, a variable, or nothing; never in the layer', async () => {
    const secret = (more: object): StepMount => ({
      ...{ type: 'secret', id: 'a/key', content: Buffer.from('s3cret'), mode: 0o400, uid: 0, gid: 0 },
      ...more,
    });
    const ran = await withMounts(
      'cat /run/secrets/key; echo; stat -c "%a %u %g" /etc/own; echo $TOKEN; ls /run/secrets; touch /done; mount | grep -c secrets/key',
      [
        secret({}),
        secret({ target: '/etc/own', mode: 0o640, uid: 100, gid: 101 }),
        secret({ env: 'TOKEN' }),
        secret({ id: 'absent', content: undefined }),
        secret({ target: '/dev/pipes/EOF', mode: 0o755 }),
      ],
    );
    assert.equal(ran.stdout, 's3cret\n640 100 101\ns3cret\nkey\n1\n');
    assert.deepEqual(await layerLines(bench, ran.layer!), ['file 644 0:0 1000 done']);
    await leavesNothing(bench);
  });

  test('ssh: a socket that leads to the agent', async () => {
    const agent = createServer({ allowHalfOpen: true }, (socket) => {
      let text = '';
      socket.on('data', (bytes) => {
        text += bytes;
        if (text.endsWith('\n')) socket.end(`agent got ${text}`);
      });
    });
    const path = join(bench.root, 'agent');
    await new Promise<void>((resolve) => void agent.listen(path, resolve));
    try {
      const mount: StepMount = {
        ...{ type: 'ssh', id: 'default', mode: 0o600, uid: 100, gid: 101 },
        connect: async () => connect({ path, allowHalfOpen: true }),
      };
      const id = 'a'.repeat(64);
      let answer: Promise<string> | undefined;
      const ran = await withMounts(
        'echo $SSH_AUTH_SOCK; stat -c "%F %a %u" $SSH_AUTH_SOCK; sleep 0.3',
        [mount],
        {
          id,
          user: 'web',
          output: () => {
            answer ??= ask(bench.rooms.paths.buildStep(id));
          },
        },
      );
      assert.equal(ran.stdout, '/run/buildkit/ssh_agent.0\nsocket 600 100\n');
      assert.equal(ran.layer, undefined);
      assert.equal(await answer, 'agent got hello\n');
      const absent = await withMounts('echo "[$SSH_AUTH_SOCK]"', [{ ...mount, connect: undefined }]);
      assert.equal(absent.stdout, '[]\n');
    } finally {
      agent.close();
    }
    await leavesNothing(bench);
  });

  /** The socket that the step has, from outside of it: by its folder's descriptor, since its path is long. */
  async function ask(folder: string): Promise<string> {
    const directory = openSync(folder, 'r');
    const socket = connect({ path: `/proc/self/fd/${directory}/ssh0`, allowHalfOpen: true });
    socket.write('hello\n');
    const answer = await text(socket);
    socket.end();
    closeSync(directory);
    return answer;
  }

  const cache = (more: object = {}): StepMount => ({
    ...{ type: 'cache', target: '/c', id: 'one', sharing: 'shared', readonly: false, mode: 0o750 },
    ...{ uid: 100, gid: 101, source: '/' },
    ...more,
  });

  test('cache: outlasts steps, is counted, and can be removed', async () => {
    assert.equal(
      (await withMounts('stat -c "%a %u %g" /c; echo kept > /c/x', [cache()])).stdout,
      '750 100 101\n',
    );
    assert.equal((await withMounts('cat /c/x; touch /c/y', [cache({ readonly: true })])).stdout, 'kept\n');
    assert.equal((await withMounts('mkdir -p /c/in; echo deep > /c/in/z', [cache()])).layer, undefined);
    assert.equal((await withMounts('cat /c/z', [cache({ source: '/in' })])).stdout, 'deep\n');
    const [found] = bench.runner.caches();
    assert.deepEqual(
      { id: found!.id, uses: found!.uses, inUse: found!.inUse },
      { id: 'one', uses: 4, inUse: false },
    );
    for (let tries = 0; bench.runner.caches()[0]!.size !== 10 && tries < 100; tries += 1) await delay(20);
    assert.equal(bench.runner.caches()[0]!.size, 10);
    await bench.runner.removeCache('one');
    assert.deepEqual(bench.runner.caches(), []);
    await assert.rejects(bench.runner.removeCache('one'), { kind: 'notFound' });
    await leavesNothing(bench);
  });

  test('cache: begins with what is in something else', async () => {
    const from = { layers: bench.base };
    const ran = await withMounts('cat /c/file', [cache({ id: 'filled', from, source: '/data' })]);
    assert.equal(ran.stdout, 'from the image\n');
  });

  test('cache: locked waits, with the signal; private takes another; shared does not care', async () => {
    const { promise: up, resolve } = Promise.withResolvers<void>();
    const stop = new AbortController();
    const locked = cache({ id: 'locked', sharing: 'locked' });
    const first = withMounts(
      'echo up; while [ ! -e /c/go ]; do sleep 0.05; done; echo 1 >> /c/order',
      [locked],
      {
        output: () => resolve(),
      },
    );
    await up;
    assert.equal(bench.runner.caches().find(({ id }) => id === 'locked')?.inUse, true);
    await assert.rejects(bench.runner.removeCache('locked'), { kind: 'conflict' });
    const waiting = withMounts('true', [locked], { signal: stop.signal });
    const second = withMounts('echo 2 >> /c/order; cat /c/order', [locked]);
    const other = await withMounts('ls /c', [cache({ id: 'locked', sharing: 'private' })]);
    assert.equal(other.stdout, '');
    stop.abort(cancelled('no more'));
    await assert.rejects(waiting, { kind: 'cancelled' });
    await withMounts('touch /c/go', [cache({ id: 'locked' })]);
    await first;
    assert.equal((await second).stdout, '1\n2\n');
    await leavesNothing(bench);
  });
});

const file = { mode: 0o644, uid: 0, gid: 0, linkName: '', major: 0, minor: 0, xattrs: new Map() };

function twoFiles(): FileSource {
  const files = new Map([
    ['a', 'A'],
    ['b/c', 'C'],
  ]);
  const modified = { seconds: 0, nanoseconds: 0 };
  return {
    find: (path) => {
      const body = files.get(path);
      if (body !== undefined) return { ...file, type: 'file', size: body.length, modified };
      return path === '' || path === 'b'
        ? { ...file, type: 'directory', size: 0, modified, mode: 0o755 }
        : undefined;
    },
    list: (path) => (path === '' ? ['a', 'b'] : path === 'b' ? ['c'] : []),
    open: async function* (path) {
      yield Buffer.from(fromText(files.get(path)!), 'latin1');
    },
    digestOf: async () => '',
  };
}

test('a full disk is said to be full, leaves nothing of the step, and is none afterwards', {
  skip,
}, async () => {
  const root = mkdtempSync(join(tmpdir(), 'hoist-step-full-'));
  mount('tmpfs', root, 'tmpfs', 0, 'size=64m');
  try {
    const bench = await openStepBench(join(root, 'engine'));
    try {
      const inside = await runScript(bench, 'dd if=/dev/zero of=/big bs=1M count=100');
      assert.notEqual(inside.exitCode, 0);
      assert.match(inside.stderr, /No space left on device/);
      await leavesNothing(bench);
      await bench.rooms.snapshotter.settled();
      const storing = runScript(bench, 'dd if=/dev/zero of=/big bs=1M count=40 2>/dev/null; echo written');
      await assert.rejects(storing, /Cannot store the layer of the step: no space left on device/);
      await leavesNothing(bench);
      await bench.rooms.snapshotter.settled();
      assert.equal((await runScript(bench, 'echo small > /small; cat /small')).stdout, 'small\n');
    } finally {
      await bench[Symbol.asyncDispose]();
    }
  } finally {
    unmount(root);
    rmdirSync(root);
  }
});

describe('a step whose engine is killed', { skip }, () => {
  for (const point of runCrashPoints) {
    test(`at ${point} leaves nothing to the next`, async () => {
      const root = mkdtempSync(join(tmpdir(), 'hoist-step-'));
      const victim = spawnSync(process.execPath, [join(import.meta.dirname, 'build-run-victim.ts'), root], {
        env: { ...process.env, HOIST_CRASH_AT: point },
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.equal(victim.signal, 'SIGKILL', victim.stdout + victim.stderr);
      await using bench = await openStepBench(root);
      await leavesNothing(bench);
      assert.equal(bench.rooms.database.all('SELECT * FROM endpoint').length, 0);
      assert.equal((await runScript(bench, 'echo goes on', { network: 'default' })).stdout, 'goes on\n');
    });
  }
});
