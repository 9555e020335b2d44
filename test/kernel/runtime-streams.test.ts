import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { type Duplex, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { EngineError } from '#base/errors.ts';
import { openCgroups } from '#linux/cgroup.ts';
import { AT_FDCWD, mountDetached, moveMount, unmount } from '#linux/mount.ts';
import { LOG } from '#runtime/protocol.ts';
import { runtimeProcess } from '../fixtures/runtime-spec.ts';
import { collect, demultiplex, openTaskBench } from '../fixtures/tasks.ts';

const everything = { stdin: true, stdout: true, stderr: true };
const output = { stdin: false, stdout: true, stderr: true };

/** The payloads of a log file, by stream. */
function readLog(path: string): { readonly 1: string; readonly 2: string; readonly frames: number } {
  const bytes = readFileSync(path);
  const texts = { 1: '', 2: '', frames: 0 };
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    const end = at + LOG.HEADER_BYTES + length;
    const payload = bytes.toString('utf8', at + LOG.HEADER_BYTES, end);
    assert.equal(bytes.readUInt32LE(end), length);
    assert.equal(bytes[at + 5], payload.endsWith('\n') ? 0 : LOG.PARTIAL);
    texts[bytes[at + 4] as 1 | 2] += payload;
    texts.frames += 1;
    at = end + LOG.TRAILER_BYTES;
  }
  return texts;
}

test('standard input, half-closed, ends cat', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['cat'], request: { stdin: true, stdinOnce: true } });
  const stream = await task.attach(everything);
  const printed = collect(stream);
  await task.start();
  stream.write('one\n');
  stream.end('two\n');
  assert.equal(demultiplex(await printed).stdout, 'one\ntwo\n');
  assert.equal((await task.wait()).exitCode, 0);
});

test('ten megabytes through cat', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['cat'], request: { stdin: true, stdinOnce: true } });
  const stream = await task.attach(everything);
  const printed = collect(stream);
  await task.start();
  const sent = 'x'.repeat(10 << 20);
  stream.end(sent);
  assert.ok(demultiplex(await printed).stdout === sent);
});

test('input written before the start is kept', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['cat'], request: { stdin: true, stdinOnce: true } });
  const stream = await task.attach(everything);
  const printed = collect(stream);
  stream.end('early\n');
  await delay(50);
  await task.start();
  assert.equal(demultiplex(await printed).stdout, 'early\n');
});

test('input that is to stay open outlives an attachment', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['cat'], request: { stdin: true, stdinOnce: false } });
  await task.start();
  const first = await task.attach(everything);
  first.write('one\n');
  const [chunk] = (await once(first, 'data')) as [Buffer];
  assert.equal(demultiplex(chunk).stdout, 'one\n');
  first.end();
  await once(first, 'close');
  const second = await task.attach(everything);
  second.write('two\n');
  const [more] = (await once(second, 'data')) as [Buffer];
  assert.equal(demultiplex(more).stdout, 'two\n');
  second.destroy();
});

test('without standard input there is /dev/null', async () => {
  await using bench = openTaskBench();
  assert.equal((await bench.run({ args: ['cat'] })).stdout, '');
});

test('several attachments see the same', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sh', '-c', 'echo out; echo err >&2'] });
  const streams = [
    await task.attach(output),
    await task.attach({ stdin: false, stdout: true, stderr: false }),
    await task.attach({ stdin: false, stdout: false, stderr: true }),
  ];
  const printed = streams.map(collect);
  await task.start();
  assert.deepEqual((await Promise.all(printed)).map(demultiplex), [
    { stdout: 'out\n', stderr: 'err\n' },
    { stdout: 'out\n', stderr: '' },
    { stdout: '', stderr: 'err\n' },
  ]);
});

test('a terminal: raw bytes, its size, resizing, and Ctrl-C', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({
    args: ['sh', '-c', 'stty size; tty; trap "stty size" WINCH; echo ready; while :; do sleep 0.02; done'],
    process: { terminal: true, consoleSize: { height: 24, width: 80 } },
    request: { stdin: true, stdinOnce: true },
  });
  const stream = await task.attach(everything);
  const seen = watch(stream);
  await task.start();
  await seen('24 80\r\n/dev/pts/0\r\nready\r\n');
  await task.resize({ width: 100, height: 50 });
  await seen('50 100\r\n');
  stream.write('\u0003');
  const exit = await task.wait();
  assert.equal(exit.exitCode, 130);
});

/** Gathers what a stream gives; the function waits until that ends with a text. */
function watch(stream: Duplex): (text: string) => Promise<void> {
  let all = '';
  stream.on('error', () => undefined);
  stream.on('data', (chunk: Buffer) => {
    all += chunk.toString();
  });
  return async (text) => {
    const deadline = Date.now() + 20_000;
    while (!all.endsWith(text)) {
      if (Date.now() > deadline)
        assert.fail(`waited for ${JSON.stringify(text)}, have ${JSON.stringify(all)}`);
      await delay(5);
    }
  };
}

test('everything is in the log, in frames', async () => {
  await using bench = openTaskBench();
  const path = join(bench.directory, 'log');
  await bench.run({ args: ['sh', '-c', 'echo out; echo err >&2; printf part'], request: { log: { path } } });
  const { 1: stdout, 2: stderr } = readLog(path);
  assert.equal(stdout, 'out\npart');
  assert.equal(stderr, 'err\n');
});

test('a log that is rotated keeps the newest files', async () => {
  await using bench = openTaskBench();
  const path = join(bench.directory, 'log');
  const { stdout } = await bench.run({
    args: ['sh', '-c', 'for i in $(seq 1 3000); do echo "line $i of three thousand"; done'],
    request: { log: { path, maxBytes: 20_000, maxFiles: 3 } },
  });
  assert.equal(stdout.split('\n').length, 3001);
  assert.deepEqual(
    readdirSync(bench.directory)
      .filter((name) => name.startsWith('log'))
      .sort(),
    ['log', 'log.1', 'log.2'],
  );
  assert.ok(stdout.endsWith(readLog(`${path}.1`)[1] + readLog(path)[1]));
});

test('a slow reader with a log: the container runs on, and not one byte is lost', async () => {
  await using bench = openTaskBench();
  const path = join(bench.directory, 'log');
  const task = await bench.create({
    args: ['sh', '-c', 'seq 1 400000'],
    request: { log: { path, maxBytes: 500_000, maxFiles: 2 } },
  });
  const stream = await task.attach(output);
  stream.on('error', () => undefined);
  await task.start();
  assert.equal((await task.wait()).exitCode, 0); // while nobody has read a byte
  const printed = demultiplex(await collect(stream)).stdout;
  assert.ok(printed === Array.from({ length: 400_000 }, (_, i) => `${i + 1}\n`).join(''));
});

for (const logged of [true, false]) {
  test(`a slow reader ${logged ? 'with' : 'without'} a log gets all, though the task is removed meanwhile`, async () => {
    await using bench = openTaskBench();
    const log = { path: join(bench.directory, 'log'), maxBytes: 500_000 };
    const count = logged ? 400_000 : 20_000; // without a log, what the sockets and pipes hold
    const task = await bench.create({ args: ['seq', '1', `${count}`], request: logged ? { log } : {} });
    const stream = await task.attach(output);
    await task.start();
    assert.equal((await task.wait()).exitCode, 0);
    await task.remove();
    rmSync(log.path, { force: true });
    const printed = demultiplex(await collect(stream)).stdout;
    assert.ok(printed === Array.from({ length: count }, (_, i) => `${i + 1}\n`).join(''));
  });
}

test('a slow reader without a log: the container waits for it', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sh', '-c', 'seq 1 400000'] });
  const stream = await task.attach(output);
  await task.start();
  const early = await Promise.race([task.wait(), delay(300, 'waiting')]);
  assert.equal(early, 'waiting');
  const printed = demultiplex(await collect(stream)).stdout;
  assert.ok(printed === Array.from({ length: 400_000 }, (_, i) => `${i + 1}\n`).join(''));
});

test('an attachment that goes away leaves the container alone', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sh', '-c', 'sleep 0.2; seq 1 100000; exit 3'] });
  const stream = await task.attach(output);
  await task.start();
  stream.destroy();
  assert.equal((await task.wait()).exitCode, 3);
});

test('a full disk loses log, not the container', async () => {
  await using bench = openTaskBench();
  const disk = join(bench.directory, 'disk');
  mkdirSync(disk);
  const fd = mountDetached('tmpfs', [['size', '256k']]);
  moveMount(fd, AT_FDCWD, disk);
  try {
    const path = join(disk, 'log');
    const { exitCode, stdout } = await bench.run({
      args: ['seq', '1', '200000'],
      request: { log: { path } },
    });
    assert.equal(exitCode, 0);
    assert.equal(stdout.split('\n').length, 200_001);
    assert.ok(readLog(path).frames > 0); // whole frames only
  } finally {
    unmount(disk);
  }
});

test('a terminal of many lines loses nothing', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['seq', '1', '50000'], process: { terminal: true } });
  const stream = await task.attach(output);
  const printed = collect(stream);
  await task.start();
  assert.equal((await task.wait()).exitCode, 0);
  assert.ok((await printed).toString() === Array.from({ length: 50_000 }, (_, i) => `${i + 1}\r\n`).join(''));
});

test('exec: output, exit code, environment, user, directory', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  const exec = await task.exec({
    id: 'e1',
    process: runtimeProcess(
      [
        'sh',
        '-c',
        'echo $VALUE $(id -u) $PWD; hostname; echo err >&2; grep Seccomp: /proc/self/status; cat /proc/self/cgroup | grep -v ":/$"; exit 4',
      ],
      {
        env: ['PATH=/bin', 'VALUE=x'],
        user: { uid: 1000, gid: 1000 },
        cwd: '/tmp',
      },
    ),
    stdin: false,
    attach: output,
  });
  const printed = demultiplex(await collect(exec.stream!));
  assert.equal(printed.stdout, 'x 1000 /tmp\ntest\nSeccomp:\t2\n');
  assert.equal(printed.stderr, 'err\n');
  assert.equal((await exec.wait()).exitCode, 4);
});

test('exec with input, with a terminal, and detached', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  const cat = await task.exec({
    id: 'cat',
    process: runtimeProcess(['cat']),
    stdin: true,
    attach: everything,
  });
  const copied = collect(cat.stream!);
  cat.stream!.end('to and fro\n');
  assert.equal(demultiplex(await copied).stdout, 'to and fro\n');

  const shell = await task.exec({
    id: 'sh',
    process: runtimeProcess(['sh', '-c', 'tty; stty size; read line; echo "got $line"'], {
      terminal: true,
      consoleSize: { height: 10, width: 20 },
    }),
    stdin: true,
    attach: everything,
  });
  const seen = watch(shell.stream!);
  await seen('10 20\r\n');
  shell.stream!.write('it\n');
  await seen('got it\r\n');
  assert.equal((await shell.wait()).exitCode, 0);

  const alone = await task.exec({
    id: 'touch',
    process: runtimeProcess(['touch', '/tmp/made']),
    stdin: false,
  });
  assert.equal((await alone.wait()).exitCode, 0);
  assert.ok(existsSync(join(bench.rootfs.path, 'tmp/made')));
});

test('exec: signals, and what a signal makes of the exit', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  const exec = await task.exec({ id: 'e', process: runtimeProcess(['sleep', '50']), stdin: false });
  assert.ok((await task.pids()).includes(exec.pid));
  assert.equal(await exec.signal(15), 'sent');
  assert.equal((await exec.wait()).exitCode, 143);
  assert.equal(await exec.signal(15), 'gone');
});

test('an exec that cannot run says why, as Docker does', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  const prefix = 'OCI runtime exec failed: exec failed: unable to start container process: ';
  for (const [args, message] of [
    [['nothing'], 'exec: "nothing": executable file not found in $PATH: unknown'],
    [['/etc/passwd'], 'exec: "/etc/passwd": permission denied: unknown'],
  ] as const) {
    await assert.rejects(task.exec({ id: 'x', process: runtimeProcess(args), stdin: false }), {
      message: prefix + message,
      kind: 'invalid',
    } satisfies Partial<EngineError>);
  }
});

test('an exec into a container that divides its own cgroup2 group', {
  skip: openCgroups().version !== 2 && 'the virtual machine tries it',
}, async () => {
  await using bench = openTaskBench();
  const divide =
    'cd /sys/fs/cgroup && mkdir init && echo 1 > init/cgroup.procs && echo +pids > cgroup.subtree_control && echo done; sleep 100';
  const mounts = [{ destination: '/sys/fs/cgroup', type: 'cgroup', source: 'cgroup', options: [] }];
  const task = await bench.create({ args: ['sh', '-c', divide], mounts });
  const stream = await task.attach(output);
  await task.start();
  const [chunk] = (await once(stream, 'data')) as [Buffer];
  assert.deepEqual(demultiplex(chunk), { stdout: 'done\n', stderr: '' });
  const exec = await task.exec({ id: 'e', process: runtimeProcess(['true']), stdin: false });
  assert.equal((await exec.wait()).exitCode, 0);
});

test('execs end with the container', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  const exec = await task.exec({ id: 'e', process: runtimeProcess(['sleep', '50']), stdin: false });
  await task.signal(9);
  assert.equal((await task.wait()).exitCode, 137);
  assert.equal((await exec.wait()).exitCode, 137);
});

test('fifty execs at once', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  const texts = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const process = runtimeProcess(['echo', `${index}`]);
      const exec = await task.exec({ id: `e${index}`, process, stdin: false, attach: output });
      return demultiplex(await collect(exec.stream!)).stdout;
    }),
  );
  assert.deepEqual(
    texts,
    Array.from({ length: 50 }, (_, index) => `${index}\n`),
  );
});

test('a reader that is quick keeps up with two hundred megabytes', async () => {
  await using bench = openTaskBench();
  const path = join(bench.directory, 'log');
  const task = await bench.create({
    args: ['sh', '-c', 'head -c 200000000 /dev/zero'],
    request: { log: { path } },
  });
  const stream = await task.attach(output);
  let size = 0;
  const counted = pipeline(
    stream,
    new Writable({
      write(chunk: Buffer, _, done) {
        size += chunk.length;
        done();
      },
    }),
  );
  await task.start();
  assert.equal((await task.wait()).exitCode, 0);
  await counted;
  assert.ok(size >= 200_000_000);
});

/** Both ends of a connection over a Unix socket: the client's, and the server's with its descriptor. */
async function connectionPair(path: string) {
  const server = createServer({ allowHalfOpen: true }).listen(path);
  await once(server, 'listening');
  const client = connect(path);
  const [accepted] = (await once(server, 'connection')) as [Socket];
  server.close();
  const { fd } = (accepted as unknown as { _handle: { fd: number } })._handle;
  return { client, accepted, fd };
}

test('a connection handed over carries every byte past this program, and ends with the process', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({
    args: ['sh', '-c', 'echo err >&2; head -c 20000000 /dev/zero; echo last'],
    request: { log: { path: join(bench.directory, 'log') } },
  });
  const { client, accepted, fd } = await connectionPair(join(bench.directory, 'client.sock'));
  assert.equal(await task.attachTo?.(fd, output), 'attached');
  accepted.destroy();
  const printed = collect(client);
  await task.start();
  const { stdout, stderr } = demultiplex(await printed);
  assert.equal(stderr, 'err\n');
  assert.equal(stdout.length, 20_000_005);
  assert.ok(stdout.endsWith('last\n'));
  assert.equal((await task.wait()).exitCode, 0);
});

test('a client that leaves a connection handed over leaves the container alone', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sh', '-c', 'while sleep 0.01; do echo x; done'] });
  const { client, accepted, fd } = await connectionPair(join(bench.directory, 'client.sock'));
  assert.equal(await task.attachTo?.(fd, output), 'attached');
  accepted.destroy();
  await task.start();
  await once(client, 'data');
  client.destroy();
  await delay(100);
  assert.equal(await task.signal(9), 'sent');
  assert.equal((await task.wait()).signal, 9);
});

test('a connection is not handed to a process that has ended', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['true'] });
  await task.start();
  await task.wait();
  const { client, accepted, fd } = await connectionPair(join(bench.directory, 'client.sock'));
  await Promise.resolve(task.attachTo?.(fd, output)).then(
    (result) => assert.equal(result, 'declined'),
    (error: EngineError) => assert.equal(error.kind, 'conflict'),
  );
  client.destroy();
  accepted.destroy();
});
