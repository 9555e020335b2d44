import { messageOf } from '#base/errors.ts';
import type { Container } from './container.ts';
import { endFollowers } from './exit.ts';
import { after } from './life.ts';
import { nextDelay } from './restart-policy.ts';
import type { Rooms } from './rooms.ts';
import { startContainer } from './start.ts';

/** Starts a restarting container again after its delay. The caller holds its lock. */
export function planRetry(container: Container, rooms: Rooms): void {
  const { startedAt, finishedAt } = container.state;
  const delay = nextDelay(container.retryDelay, Date.parse(finishedAt) - Date.parse(startedAt));
  container.retryDelay = delay;
  container.retry = setTimeout(() => void retry(container, rooms), delay);
}

/** Gives up a planned restart: the container is down. The caller holds its lock. */
export function cancelRetry(container: Container, rooms: Rooms): void {
  clearTimeout(container.retry);
  container.retry = undefined;
  container.retryDelay = undefined;
  rooms.store.change(container, { status: after(container.state.status, 'exited') });
  endFollowers(container);
}

/** A person starts it: its policy counts anew. The caller holds its lock. */
export function forgetRetries(container: Container, { store }: Rooms): void {
  clearTimeout(container.retry);
  container.retry = undefined;
  container.retryDelay = undefined;
  if (container.state.restartCount > 0) store.change(container, { restartCount: 0 });
}

async function retry(container: Container, rooms: Rooms): Promise<void> {
  using _held = await rooms.locks.acquire(container.id);
  if (container.state.status !== 'restarting' || rooms.closing.aborted) return;
  container.retry = undefined;
  rooms.store.change(container, { restartCount: container.state.restartCount + 1 });
  try {
    await startContainer(container, rooms);
  } catch (error) {
    rooms.log.error('cannot restart container', { id: container.id, error: messageOf(error) });
    cancelRetry(container, rooms);
  }
}
