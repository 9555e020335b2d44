import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cgroup } from '#linux/cgroup.ts';
import { endWithin, processLives, reap } from '#linux/process.ts';

/** Removes what is left of a task once its shim is gone. */
export async function removeRemains(remains: {
  readonly cgroup: Cgroup;
  readonly directory: string;
}): Promise<void> {
  const { cgroup, directory } = remains;
  if (cgroup.pids().length > 0) await cgroup.kill();
  await cgroup.remove();
  rmSync(directory, { recursive: true, force: true }); // three small files
}

const longestPause = 50;
/** How long a thread of the worker pool may stand still for a shim; most have ended long before. */
const patience = 20;

const waits = new Map<number, Promise<void>>();

/**
 * Waits for a shim that is ending, taking it away when it is ours. Its end is the end of the container's mount
 * namespace, which may take a while.
 */
export function shimGone(pid: number): Promise<void> {
  const known = waits.get(pid) ?? untilGone(pid).finally(() => waits.delete(pid));
  waits.set(pid, known);
  return known;
}

async function untilGone(pid: number): Promise<void> {
  for (let pause = 1; isThere(pid); pause = Math.min(pause * 2, longestPause)) {
    await endWithin(pid, patience);
    if (!isThere(pid)) return;
    await delay(pause);
  }
}

function isThere(pid: number): boolean {
  const state = reap(pid);
  return state === 'running' || (state === 'notOurs' && processLives(pid));
}
