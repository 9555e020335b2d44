import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A way to do one piece of work; resolves when it is done. The time it takes is what is measured. */
export type Work = () => void | Promise<void>;

/** Milliseconds of each run of two ways to do the same, taken in turn: A B A B … */
export interface Pair {
  readonly ours: readonly number[];
  readonly theirs: readonly number[];
}

/** Runs both in turn, after one uncounted turn, so that a drift of the machine's speed hits both. */
export async function paired(runs: number, ours: Work, theirs: Work): Promise<Pair> {
  await ours();
  await theirs();
  const pair = { ours: [] as number[], theirs: [] as number[] };
  for (let run = 0; run < runs; run += 1) {
    pair.ours.push(await milliseconds(ours));
    pair.theirs.push(await milliseconds(theirs));
  }
  return pair;
}

export async function milliseconds(work: Work): Promise<number> {
  const start = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - start) / 1e6;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The median of ours ÷ theirs, pair by pair. */
export const ratio = (pair: Pair): number => median(pair.ours.map((mine, i) => mine / pair.theirs[i]!));

/** Runs a program to its end. @throws when its exit code is not 0 */
export function run(program: string, args: readonly string[], input?: Uint8Array): string {
  const done = spawnSync(program, args, {
    encoding: 'utf8',
    input,
    maxBuffer: 1 << 30,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${done.status}\n${done.stderr}`);
  return done.stdout;
}

/** Runs a program whose output is thrown away unread. @throws when its exit code is not 0 */
export function runQuiet(program: string, args: readonly string[]): void {
  const done = spawnSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  if (done.status !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${done.status}\n${done.stderr}`);
}

/** The proportional set size of a process, bytes (/proc/<pid>/smaps_rollup). */
export function pss(pid: number): number {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Pss:\s+(\d+) kB/m.exec(text)?.[1] ?? 0) * 1024;
}

/** User and system time of a process and its ended children, seconds (/proc/<pid>/stat). */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0) / 100;
}

/** Every process below `pid`, itself included. */
export function descendants(pid: number): number[] {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        return [
          [
            Number(name),
            Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]),
          ] as const,
        ];
      } catch {
        return [];
      }
    });
  const below = (top: number): number[] => [
    top,
    ...parents.filter(([, parent]) => parent === top).flatMap(([child]) => below(child)),
  ];
  return below(pid);
}
