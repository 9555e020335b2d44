import type { RestartPolicy } from '#api/index.ts';
import { messageOf } from '#base/errors.ts';
import type { Container } from './container.ts';
import { endFollowers } from './exit.ts';
import { after } from './life.ts';
import type { ContainerStateRecord } from './record.ts';
import type { Rooms } from './rooms.ts';
import { startContainer } from './start.ts';

const firstDelay = 100;
const longestDelay = 60_000;
/** Who ran this long has started well: the next delay is the first again. */
const healthyAfter = 10_000;

/** Whether a container that ended is started again. `on-failure:3` is three times at most. */
export function shouldRestart(
  policy: RestartPolicy | undefined,
  state: Pick<ContainerStateRecord, 'stoppedByHand' | 'restartCount'>,
  exitCode: number,
): boolean {
  if (state.stoppedByHand) return false;
  if (policy?.Name === 'always' || policy?.Name === 'unless-stopped') return true;
  const most = policy?.MaximumRetryCount ?? 0;
  return policy?.Name === 'on-failure' && exitCode !== 0 && (most === 0 || state.restartCount < most);
}

/** Whether the boot starts a container that is down. A person's stop outlives the daemon under `unless-stopped` alone. */
export function shouldStartAtBoot(policy: RestartPolicy | undefined, state: ContainerStateRecord): boolean {
  if (state.status === 'created') return false;
  if (policy?.Name === 'always') return true;
  return shouldRestart(policy, state, state.exitCode);
}

/** The time to wait: doubled with each restart that did not last. */
export function nextDelay(before: number | undefined, ranFor: number): number {
  return before === undefined || ranFor >= healthyAfter ? firstDelay : Math.min(before * 2, longestDelay);
}

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
