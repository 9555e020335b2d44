import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Cgroup } from '#linux/cgroup.ts';

/** What the native format needs to know of a group. */
export type GroupPlaces = Pick<Cgroup, 'path' | 'procs' | 'unifiedDirectory'>;

/**
 * How a process gets into its group: a single thread that moves itself, by the `tasks` file of each version 1 hierarchy,
 * and birth in the cgroup2 directory, are the two ways that do not wait for the kernel's lock over all processes (tens of
 * milliseconds where nobody has held it lately).
 */
export interface CgroupJoins {
  readonly tasks: readonly string[];
  readonly unified?: string;
}

export function cgroupJoins({ procs, unifiedDirectory }: GroupPlaces): CgroupJoins {
  const first = procs.map((file) => dirname(file)).filter((directory) => directory !== unifiedDirectory);
  const tasks = first.map((directory) => join(directory, 'tasks'));
  return unifiedDirectory === undefined ? { tasks } : { tasks, unified: unifiedDirectory };
}

/** The cgroup2 directory that a process is in, when it is the group's own or beneath it. */
export function unifiedOf(
  pid: number,
  { path, unifiedDirectory }: GroupPlaces,
): Pick<CgroupJoins, 'unified'> {
  const own = /^0::(.*)$/m.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1];
  if (unifiedDirectory === undefined || own === undefined || !`${own}/`.startsWith(`${path}/`)) return {};
  return { unified: unifiedDirectory + own.slice(path.length) };
}

/** The container's group in one hierarchy: the directory on the host, and its name beneath /sys/fs/cgroup. */
export interface CgroupView {
  readonly directory: string;
  /** '' when there is one hierarchy alone (version 2). */
  readonly name: string;
}

/** What a cgroup mount shows. */
export function cgroupViews({ procs, path }: GroupPlaces): readonly CgroupView[] {
  const directories = procs.map((file) => dirname(file));
  const [only, ...others] = directories;
  if (only !== undefined && others.length === 0) return [{ directory: only, name: '' }];
  return directories.map((directory) => ({
    directory,
    name: basename(directory.slice(0, directory.length - path.length)),
  }));
}
