import { crashPoint } from '#base/crash-point.ts';
import { messageOf } from '#base/errors.ts';
import type { Exit, Task } from '#runtime/format.ts';
import type { Container } from './container.ts';
import { after } from './life.ts';
import { releaseMounts } from './mounts/prepare.ts';
import { tellUntold } from './oom.ts';
import { removeLocked } from './remove.ts';
import { shouldRestart } from './restart-policy.ts';
import { planRetry } from './retry.ts';
import type { Rooms } from './rooms.ts';
import { tell } from './tell.ts';

/** Sees to the end of a task that runs: whenever it comes, it is recorded, told, and what the task had is released. */
export function watchExit(container: Container, task: Task, rooms: Rooms): void {
  task
    .wait()
    .then((exit) => handleExit(container, { task, exit }, rooms))
    .catch((error: unknown) => {
      if (!rooms.closing.aborted)
        rooms.log.error('cannot handle exit', { id: container.id, error: messageOf(error) });
    });
}

async function handleExit(
  container: Container,
  ended: { readonly task: Task; readonly exit: Exit },
  rooms: Rooms,
): Promise<void> {
  using _held = await rooms.locks.acquire(container.id);
  if (container.task !== ended.task) return;
  const willRetry = recordExit(container, ended.exit, rooms);
  await releaseTask(container, ended.task, rooms);
  crashPoint('container.exit:released');
  if (willRetry) planRetry(container, rooms);
  else if (container.record.hostConfig.AutoRemove === true)
    await removeLocked(container, { volumes: true }, rooms);
}

/**
 * The row first, then the events, then those who wait. They need not wait for what is released after.
 *
 * @returns whether the restart policy will start it again
 */
export function recordExit(container: Container, exit: Exit, rooms: Rooms): boolean {
  const { state, record, task } = container;
  const willRetry =
    !rooms.closing.aborted && shouldRestart(record.hostConfig.RestartPolicy, state, exit.exitCode);
  rooms.store.change(container, {
    status: after(state.status, willRetry ? 'willRetry' : 'exited'),
    exitCode: exit.exitCode,
    finishedAt: exit.exitedAt.toISOString(),
    oomKilled: exit.oomKilled || state.oomKilled,
    pid: 0,
  });
  container.task = undefined;
  crashPoint('container.exit:recorded');
  if (task !== undefined) tellUntold(container, task, rooms);
  tell(rooms, container, 'die', {
    exitCode: String(exit.exitCode),
    execDuration: String(Math.max(0, secondsBetween(state.startedAt, exit.exitedAt))),
  });
  container.waits.exited(exit.exitCode);
  if (!willRetry) endFollowers(container);
  return willRetry;
}

/** Who follows its output has seen all of it. */
export function endFollowers(container: Container): void {
  container.ended?.resolve();
  container.ended = undefined;
}

async function releaseTask(container: Container, task: Task, rooms: Rooms): Promise<void> {
  const released = await Promise.allSettled([task.remove(), rooms.networks.release(container.id)]);
  releaseMounts(container, rooms);
  for (const result of released) {
    if (result.status === 'rejected')
      rooms.log.error('cannot release', { id: container.id, error: messageOf(result.reason) });
  }
  rooms.store.touch(container);
}

const secondsBetween = (from: string, to: Date): number =>
  Math.floor((to.getTime() - new Date(from).getTime()) / 1000);
