import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cgroup } from '#linux/cgroup.ts';
import { processLives, reap } from '#linux/process.ts';

/** Removes what is left of a task once its shim is gone. */
export async function removeRemains(remains: {
  readonly cgroup: Cgroup;
  readonly directory: string;
}): Promise<void> {
  const { cgroup, directory } = remains;
  if (cgroup.pids().length > 0) await cgroup.kill();
  await cgroup.remove();
  await rm(directory, { recursive: true, force: true });
}

const longestPause = 50;

/**
 * Waits for a shim that is ending, taking it away when it is ours. Its end is the end of the container's mount
 * namespace, which may take a while.
 */
export async function shimGone(pid: number): Promise<void> {
  for (let pause = 1; ; pause = Math.min(pause * 2, longestPause)) {
    const state = reap(pid);
    if (state === 'reaped' || (state === 'notOurs' && !processLives(pid))) return;
    await delay(pause);
  }
}
