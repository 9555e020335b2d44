import { crashPoint } from '#base/crash-point.ts';
import { conflict, EngineError, internal } from '#base/errors.ts';
import { parseSignal, SIGKILL, SIGTERM } from '#base/signals.ts';
import type { Container } from './container.ts';
import type { StopOptions } from './containers.ts';
import { isAlive } from './life.ts';
import { cancelRetry } from './retry.ts';
import type { Rooms } from './rooms.ts';
import { tell } from './tell.ts';

const defaultStopTimeoutSeconds = 10;
/** How long an end may take after SIGKILL before it is an error: what hangs in the kernel cannot be waited for. */
const killPatience = 30_000;

/**
 * Asks a container to end, and ends it when it has not after its time.
 *
 * @param byHand whether a person asked, so that no policy starts it again
 */
export async function stopContainer(
  container: Container,
  options: StopOptions & { readonly byHand: boolean },
  rooms: Rooms,
): Promise<'stopped' | 'alreadyStopped'> {
  const { config } = container.record;
  const signal = parseSignal(options.signal || config.StopSignal || String(SIGTERM));
  const seconds = options.timeoutSeconds ?? config.StopTimeout ?? defaultStopTimeoutSeconds;
  const begun = await beginStop(container, { signal, byHand: options.byHand }, rooms);
  if (begun === undefined) return 'alreadyStopped';
  const hasEnded = await endsWithin(begun.ending, seconds < 0 ? undefined : seconds * 1000);
  if (!hasEnded) await killAndWait(container, rooms);
  // Once the lock is ours, all that it had has been released: its ports may be taken.
  using _held = await rooms.locks.acquire(container.id);
  tell(rooms, container, 'stop');
  return 'stopped';
}

/** What resolves at a container's end: in an object, since a promise of a promise is waited for whole. */
interface Ending {
  readonly ending: Promise<unknown>;
}

/** @returns undefined when it does not run */
async function beginStop(
  container: Container,
  how: { readonly signal: number; readonly byHand: boolean },
  rooms: Rooms,
): Promise<Ending | undefined> {
  using _held = await rooms.locks.acquire(container.id);
  const { status } = container.state;
  if (!isAlive(status) && status !== 'restarting') return undefined;
  if (how.byHand) rooms.store.change(container, { stoppedByHand: true });
  if (status === 'restarting') {
    cancelRetry(container, rooms);
    return { ending: Promise.resolve() };
  }
  const ending = container.waits.forExit();
  await sendSignal(container, how.signal, rooms);
  crashPoint('container.stop:signalled');
  return { ending };
}

/** `docker kill`: one signal. @throws `conflict` when it does not run */
export async function killContainer(
  container: Container,
  signalText: string | undefined,
  rooms: Rooms,
): Promise<void> {
  const signal = parseSignal(signalText || String(SIGKILL));
  const { ending } = await beginKill(container, signal, rooms);
  if (signal === SIGKILL) await ending;
}

async function beginKill(container: Container, signal: number, rooms: Rooms): Promise<Ending> {
  using _held = await rooms.locks.acquire(container.id);
  const { id, state } = container;
  if (state.status === 'restarting') {
    rooms.store.change(container, { stoppedByHand: true });
    cancelRetry(container, rooms);
    return { ending: Promise.resolve() };
  }
  if (!isAlive(state.status)) throw conflict(`container ${id} is not running`);
  rooms.store.change(container, { stoppedByHand: true });
  const ending = container.waits.forExit();
  await sendSignal(container, signal, rooms);
  return { ending };
}

/** Kills what runs and waits for its end, and for its restart policy's timer to be gone. */
export async function killAndWait(container: Container, rooms: Rooms): Promise<void> {
  const begun = await beginKill(container, SIGKILL, rooms).catch((error: unknown) => {
    if (error instanceof EngineError && error.kind === 'conflict') return undefined;
    throw error;
  });
  if (begun === undefined) return;
  if (!(await endsWithin(begun.ending, killPatience)))
    throw internal('tried to kill container, but did not receive an exit event');
}

/** A frozen container takes a signal only when it is thawed. */
async function sendSignal(container: Container, signal: number, rooms: Rooms): Promise<void> {
  tell(rooms, container, 'kill', { signal: String(signal) });
  await container.task?.signal(signal);
  if (container.state.status === 'paused') await container.task?.resume();
}

async function endsWithin(ending: Promise<unknown>, milliseconds: number | undefined): Promise<boolean> {
  if (milliseconds === undefined) return ending.then(() => true);
  const { promise: late, resolve } = Promise.withResolvers<false>();
  const timer = setTimeout(() => resolve(false), milliseconds);
  try {
    return await Promise.race([ending.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
