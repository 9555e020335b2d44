import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { nr } from '#linux/numbers.ts';
import { openNull } from '#linux/process.ts';
import { checked, spawn, sys } from '#linux/sys.ts';
import type { Task, TaskRequest } from '#runtime/format.ts';
import { which } from '../test/fixtures/engines.ts';
import { openTaskBench, type TaskBench } from '../test/fixtures/tasks.ts';
import { median, milliseconds, pss, ratio } from './measure.ts';
import type { Row } from './report.ts';

/**
 * Inside the engine, from request to exit code of `true`, beside a bare `runc run` of the same specification: all mounts,
 * a new network namespace, every cgroup, the seccomp filter.
 */
export async function engineStartRow(): Promise<Row> {
  await using bench = openTaskBench();
  const bundle = writeBundle(bench);
  const times = { ours: [] as number[], theirs: [] as number[] };
  for (let turn = 0; turn < runs; turn += 1) {
    times.ours.push(await startAndEnd(bench));
    times.theirs.push(await milliseconds(() => runRunc(bundle, `bench-${process.pid}-${turn}`)));
  }
  return {
    work: 'inside the engine, request to exit of `true`; beside `runc run`',
    ours: `${median(times.ours).toFixed(1)} ms`,
    theirs: `${median(times.theirs).toFixed(1)} ms`,
    figure: ratio(times),
    bar: 1 / 5,
    unit: '×',
    runs: times.ours.length,
  };
}

const runs = 40;

/** Milliseconds to the exit code. What comes after it, the removal, is done before the next start. */
async function startAndEnd(bench: TaskBench): Promise<number> {
  let task: Task | undefined;
  const time = await milliseconds(async () => {
    task = await bench.format.create(bench.request({ args: ['true'] }));
    await task.start();
    if ((await task.wait()).exitCode !== 0) throw new Error('true failed');
  });
  await task?.remove();
  return time;
}

function writeBundle(bench: TaskBench): string {
  const bundle = join(bench.directory, 'bundle');
  mkdirSync(bundle);
  const { spec } = bench.request({ args: ['true'] });
  const cgroupsPath = `${spec.linux.cgroupsPath}-runc`;
  const config: TaskRequest['spec'] = {
    ...spec,
    root: { path: bench.rootfs.path },
    linux: { ...spec.linux, cgroupsPath },
  };
  writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
  return bundle;
}

/** Started as we start our shim, and waited for with nothing between: no cost of child_process is laid to it. */
async function runRunc(bundle: string, id: string): Promise<void> {
  const nothing = openNull();
  const program = which('runc') ?? 'runc';
  const env = [`PATH=${process.env['PATH']}`];
  const pid = await spawn(program, ['runc', 'run', '--bundle', bundle, id], env, [nothing, nothing, nothing]);
  const status = new Uint8Array(4);
  checked('wait4', sys(nr.wait4, pid, status, 0, null));
  sys(nr.close, nothing);
  if (status.some((byte) => byte !== 0)) throw new Error(`runc run: status ${status}`);
}

/** More of the same room, for who works on it: what a shim weighs, and how fast output passes. */
async function details(): Promise<void> {
  await using bench = openTaskBench();
  const task = await bench.create({
    args: ['sleep', '1000'],
    request: { log: { path: join(bench.directory, 'log') } },
  });
  await task.start();
  const shim = Number(/\) \S (\d+)/.exec(await readText(`/proc/${task.pid}/stat`))![1]);
  console.log(`idle shim: ${(pss(shim) / 1024).toFixed(0)} KB`);
  const line = 'x'.repeat(199);
  for (const [what, args] of [
    ['200 MB in one stream', ['head', '-c', '200000000', '/dev/zero']],
    ['200 MB in a million lines', ['sh', '-c', `yes ${line} | head -n 1000000`]],
  ] as const) {
    const log = { path: join(bench.directory, `log-${args[0]}`) };
    const time = await milliseconds(async () => void (await bench.run({ args, request: { log } })));
    console.log(`${what}, logged and attached: ${time.toFixed(0)} ms`);
  }
}

const readText = (path: string): Promise<string> =>
  import('node:fs/promises').then((fs) => fs.readFile(path, 'utf8'));

if (import.meta.main) {
  console.log(await engineStartRow());
  await details();
}
