import { messageOf } from '#base/errors.ts';
import type { Task } from '#runtime/format.ts';
import type { Container } from './container.ts';
import type { Rooms } from './rooms.ts';
import { tell } from './tell.ts';

/** Tells each time that the kernel kills inside for want of memory, whether or not the container goes on. */
export function watchOom(container: Container, task: Task, rooms: Rooms): void {
  task.watchOomKills(() => void tellOom(container, task, rooms));
}

/** Tells of kills since the last event. */
export async function tellOom(container: Container, task: Task, rooms: Rooms): Promise<void> {
  if (rooms.closing.aborted || task.oomKills() <= container.oomKillsTold) return;
  try {
    using _held = await rooms.locks.acquire(container.id);
    if (container.task !== task || rooms.closing.aborted) return; // its end tells
    if (!container.state.oomKilled) rooms.store.change(container, { oomKilled: true });
    tellUntold(container, task, rooms);
  } catch (error) {
    rooms.log.error('cannot tell of an OOM kill', { id: container.id, error: messageOf(error) });
  }
}

/** One event for however many kills have not been told. The caller holds the lock. */
export function tellUntold(container: Container, task: Task, rooms: Rooms): void {
  const kills = task.oomKills();
  if (kills <= container.oomKillsTold) return;
  container.oomKillsTold = kills;
  tell(rooms, container, 'oom');
}
