import { call, host } from './host.ts';

/**
 * Waits for descriptors and times, and calls back. That nothing is awaited before the command has ended is a failure.
 */

/** poll.h */
export const pollIn = 1;
export const pollOut = 4;

interface Watch {
  readonly fd: number;
  readonly events: number;
  readonly ready: () => void;
}

interface Timer {
  readonly id: number;
  readonly at: number;
  readonly fire: () => void;
}

let watches: Watch[] = [];
let timers: Timer[] = [];
let lastId = 0;

/** Calls back whenever the descriptor is ready (or has failed), until what is returned is called. */
export function watch(fd: number, events: number, ready: () => void): () => void {
  const entry = { fd, events, ready };
  watches.push(entry);
  return () => {
    watches = watches.filter((each) => each !== entry);
  };
}

/** Resolves when the descriptor is next ready. */
export const ready = (fd: number, events: number): Promise<void> =>
  new Promise((resolve) => {
    const unwatch = watch(fd, events, () => {
      unwatch();
      resolve();
    });
  });

export function setTimer(fire: () => void, milliseconds: number): number {
  lastId += 1;
  timers.push({ id: lastId, at: Date.now() + Math.max(0, milliseconds), fire });
  return lastId;
}

export function clearTimer(id: number | undefined): void {
  timers = timers.filter((each) => each.id !== id);
}

host.turn = () => {
  if (watches.length === 0 && timers.length === 0) return false;
  const polled = watches;
  const descriptors = new Int32Array(polled.length * 2);
  polled.forEach(({ fd, events }, i) => {
    descriptors[i * 2] = fd;
    descriptors[i * 2 + 1] = events;
  });
  call('ppoll', descriptors, polled.length, timeout(), null, 0);
  polled.forEach((entry, i) => {
    const happened = (descriptors[i * 2 + 1] ?? 0) >> 16;
    if (happened !== 0 && watches.includes(entry)) entry.ready();
  });
  const now = Date.now();
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { fire } of due) fire();
  return true;
};

/** The time to the next timer as a struct timespec, or null for no end. */
function timeout(): BigInt64Array | null {
  if (timers.length === 0) return null;
  const wait = Math.max(0, Math.min(...timers.map(({ at }) => at)) - Date.now());
  return BigInt64Array.of(BigInt(Math.floor(wait / 1000)), BigInt((wait % 1000) * 1_000_000));
}
