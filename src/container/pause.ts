import { conflict } from '#base/errors.ts';
import type { Container } from './container.ts';
import { after } from './life.ts';
import type { Rooms } from './rooms.ts';
import { tell } from './tell.ts';

/** Freezes every process. The caller holds the lock. */
export async function pauseContainer(container: Container, rooms: Rooms): Promise<void> {
  const { id, task, state } = container;
  if (state.status === 'paused') throw conflict(`container ${id} is already paused`);
  if (state.status === 'restarting')
    throw conflict(`container ${id} is restarting, wait until the container is running`);
  if (task === undefined) throw conflict(`container ${id} is not running`);
  const status = after(state.status, 'pause');
  await task.pause();
  rooms.store.change(container, { status });
  tell(rooms, container, 'pause');
}

export async function unpauseContainer(container: Container, rooms: Rooms): Promise<void> {
  const { id, task, state } = container;
  if (state.status !== 'paused' || task === undefined) throw conflict(`Container ${id} is not paused`);
  const status = after(state.status, 'unpause');
  await task.resume();
  rooms.store.change(container, { status });
  tell(rooms, container, 'unpause');
}
