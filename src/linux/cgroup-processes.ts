import { existsSync } from 'node:fs';
import { readTable, until, writeIfThere } from './cgroup-tree.ts';

/** Whether a cgroup2 group can be frozen (kernel 5.2). */
export const canFreeze = (directory: string | undefined): directory is string =>
  directory !== undefined && existsSync(`${directory}/cgroup.freeze`);

/** Stops every process of a cgroup2 group, and waits until the last has stopped. */
export async function freeze(directory: string): Promise<void> {
  writeIfThere(directory, 'cgroup.freeze', '1');
  await until('Cannot freeze the cgroup', () => readTable(directory, 'cgroup.events')['frozen'] !== 0);
}

export async function thaw(directory: string): Promise<void> {
  writeIfThere(directory, 'cgroup.freeze', '0');
  await until('Cannot thaw the cgroup', () => readTable(directory, 'cgroup.events')['frozen'] !== 1);
}

/** Kills a cgroup2 group whole, in one step that no fork escapes (kernel 5.14). @returns whether that could be done */
export const killAtOnce = (directory: string | undefined): boolean =>
  directory !== undefined && writeIfThere(directory, 'cgroup.kill', '1') === 'written';

/** Kills until a look finds nobody new: what was forked between two looks is in the second. */
export async function killEach(pids: () => readonly number[]): Promise<void> {
  const killed = new Set<number>();
  await until('Cannot kill the processes of the cgroup', () => {
    const alive = pids().filter((pid) => pid > 0 && !killed.has(pid));
    for (const pid of alive) {
      killed.add(pid);
      killOne(pid);
    }
    return alive.length === 0;
  });
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
