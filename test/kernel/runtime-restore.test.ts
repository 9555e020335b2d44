import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { silentLog } from '#base/log.ts';
import { openCgroups } from '#linux/cgroup.ts';
import { processLives } from '#linux/process.ts';
import type { Task, TaskRequest } from '#runtime/format.ts';
import { nativeFormat } from '#runtime/native/native-format.ts';
import { runtimeProcess } from '../fixtures/runtime-spec.ts';
import { collect, demultiplex, openTaskBench, type TaskBench, type TaskOptions } from '../fixtures/tasks.ts';

const output = { stdin: false, stdout: true, stderr: true };

/** Has another process create a task, and starts it when asked. That process can be killed. */
class Daemon {
  readonly process: ChildProcess;
  readonly #lines: AsyncIterator<string>;

  constructor(bench: TaskBench, request: TaskRequest, crashAt = '') {
    const file = join(import.meta.dirname, '../fixtures/task-daemon.ts');
    const asked = JSON.stringify({ ...request, rootfs: bench.rootfs.path });
    this.process = spawn(process.execPath, [file, asked], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...(crashAt && { HOIST_CRASH_AT: crashAt }) },
    });
    this.#lines = createInterface({ input: this.process.stdout! })[Symbol.asyncIterator]();
  }

  async says(): Promise<string> {
    return (await this.#lines.next()).value as string;
  }

  tell(what: 'start' | 'remove'): void {
    this.process.stdin!.write(`${what}\n`);
  }

  async start(): Promise<void> {
    this.tell('start');
    assert.equal(await this.says(), 'done start');
  }

  async kill(): Promise<void> {
    this.process.kill('SIGKILL');
    await once(this.process, 'exit');
  }
}

async function startedElsewhere(bench: TaskBench, options: TaskOptions): Promise<TaskRequest> {
  const request = bench.request(options);
  const daemon = new Daemon(bench, request);
  assert.match(await daemon.says(), /^created \d+$/);
  await daemon.start();
  await daemon.kill();
  return request;
}

const restore = (bench: TaskBench, { id, directory, spec }: TaskRequest): Promise<Task | undefined> =>
  bench.format.restore(id, directory, spec.linux.cgroupsPath!);

test('a container outlives its daemon: logs, attach, exec, signal and exit go on', async () => {
  await using bench = openTaskBench();
  const path = join(bench.directory, 'log');
  const line = 'i=0; trap "exit 9" TERM; while :; do i=$((i+1)); echo $i; sleep 0.02; done';
  const request = await startedElsewhere(bench, { args: ['sh', '-c', line], request: { log: { path } } });
  const task = await restore(bench, request);
  assert.ok(task);
  assert.ok(task.pid > 0 && Date.now() - task.startedAt.getTime() < 60_000);
  const stream = await task.attach(output);
  const printed = collect(stream);
  const process = runtimeProcess(['grep', 'Seccomp:', '/proc/self/status']);
  const exec = await task.exec({ id: 'e', process, stdin: false, attach: output });
  assert.equal(demultiplex(await collect(exec.stream!)).stdout, 'Seccomp:\t2\n');
  const size = statSync(path).size;
  await until(() => statSync(path).size > size + 200);
  await task.signal(15);
  assert.equal((await task.wait()).exitCode, 9);
  const numbers = demultiplex(await printed)
    .stdout.trim()
    .split('\n')
    .map(Number);
  assert.ok(numbers.length > 2);
  assert.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, i) => numbers[0]! + i),
  );
  assert.match(readFileSync(path, 'latin1'), /1\n/);
  await task.remove();
  assert.equal(existsSync(request.directory), false);
});

test('what ended while no daemon was there: the record is on disk and no shim is left', async () => {
  await using bench = openTaskBench();
  const request = await startedElsewhere(bench, { args: ['sh', '-c', 'sleep 0.3; exit 42'] });
  await until(
    () => existsSync(join(request.directory, 'exit')) && !existsSync(join(request.directory, 'shim.sock')),
  );
  const task = await restore(bench, request);
  assert.ok(task);
  const exit = await task.wait();
  assert.equal(exit.exitCode, 42);
  assert.ok(exit.exitedAt.getTime() >= task.startedAt.getTime());
  assert.equal(await task.signal(15), 'gone');
  await task.remove();
  assert.equal(existsSync(request.directory), false);
  assert.equal(await restore(bench, request), undefined);
});

test('a daemon killed between create and start: the container is undone', async () => {
  await using bench = openTaskBench();
  const request = bench.request({ args: ['sleep', '100'] });
  const daemon = new Daemon(bench, request);
  const pid = Number((await daemon.says()).split(' ')[1]);
  await daemon.kill();
  await until(() => !processLives(pid));
  assert.equal(await restore(bench, request), undefined);
  assert.equal(existsSync(request.directory), false);
});

const crashes: [at: string, told: ('start' | 'remove')[], found: 'running' | 'nothing' | 'ended'][] = [
  ['runtime.create.cgroup', [], 'nothing'],
  ['runtime.create.shim', [], 'nothing'],
  ['runtime.create.created', [], 'nothing'],
  ['runtime.start.released', ['start'], 'running'],
  ['runtime.remove.shim', ['start', 'remove'], 'ended'],
];
for (const [at, told, want] of crashes) {
  test(`a daemon killed at ${at}: the next finds ${want}, and can clean up`, async () => {
    await using bench = openTaskBench();
    const request = bench.request({ args: ['sleep', '100'] });
    const daemon = new Daemon(bench, request, at);
    const ended = once(daemon.process, 'exit');
    for (const what of told) daemon.tell(what);
    assert.deepEqual(await ended, [null, 'SIGKILL']);
    const cgroupsPath = request.spec.linux.cgroupsPath!;
    const task = await restore(bench, request);
    const found = task === undefined ? 'nothing' : task.pid === 0 ? 'ended' : 'running';
    assert.equal(found, want);
    await task?.remove();
    assert.equal(existsSync(request.directory), false);
    assert.deepEqual(openCgroups().open(cgroupsPath).procs.filter(existsSync), []);
  });
}

test('a killed shim takes its container along, and restore says so', async () => {
  await using bench = openTaskBench();
  const task = await bench.create({ args: ['sleep', '100'] });
  await task.start();
  const shim = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${task.pid}/status`, 'utf8'))![1]);
  process.kill(shim, 'SIGKILL');
  assert.equal((await task.wait()).exitCode, 137);
  await until(() => !processLives(task.pid));
});

test('restoring twice gives the same running task', async () => {
  await using bench = openTaskBench();
  const request = bench.request({ args: ['sleep', '100'] });
  const task = await bench.format.create(request);
  await task.start();
  const again = await restore(bench, request);
  assert.equal(again!.pid, task.pid);
  await again!.signal(9);
  assert.deepEqual(await task.wait(), await again!.wait());
  await task.remove();
});

test('a directory whose path is too long for a socket works as any other', async () => {
  await using bench = openTaskBench();
  const directory = join(bench.directory, 'long'.repeat(30), 'task');
  const { stdout } = await bench.run({ args: ['echo', 'far'], request: { directory } });
  assert.equal(stdout, 'far\n');
});

test('a format that is closed lets its tasks run on', async () => {
  await using bench = openTaskBench();
  const format = nativeFormat({ log: silentLog });
  const request = bench.request({ args: ['sleep', '100'] });
  const task = await format.create(request);
  await task.start();
  await format.close();
  await delay(100);
  const again = await restore(bench, request);
  assert.equal(again!.pid, task.pid);
  await again!.remove();
});

test('no trace of a task is undefined', async () => {
  await using bench = openTaskBench();
  assert.equal(
    await bench.format.restore('none', join(bench.directory, 'none'), '/no-such-group'),
    undefined,
  );
});

async function until(done: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 20_000; !done(); await delay(5)) {
    if (Date.now() > deadline) assert.fail(`waited 20 s for ${done}`);
  }
}
