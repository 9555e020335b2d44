import type { JSONMessage } from '#api/image.ts';
import { shortId } from '#base/id.ts';

/** Tells the client how far something got. Never waits: a slow client misses steps, not facts. */
export type Report = (message: JSONMessage) => void;

/** A line about one layer. */
export const layerStatus = (id: string, status: string, current?: number, total?: number): JSONMessage =>
  current === undefined
    ? { status, progressDetail: {}, id: shortId(id) }
    : { status, progressDetail: total === undefined ? { current } : { current, total }, id: shortId(id) };

/**
 * Runs `work` and gives what it reports. Leaving the iteration, or the signal, aborts the work and waits for it to
 * have cleaned up; its failure ends the iteration.
 */
export async function* progressOf(
  work: (report: Report, signal: AbortSignal) => Promise<void>,
  outer: AbortSignal | undefined,
): AsyncGenerator<JSONMessage, void, void> {
  const leaving = new AbortController();
  const signal = outer === undefined ? leaving.signal : AbortSignal.any([outer, leaving.signal]);
  const pending = new Pending();
  const done = work((message) => pending.add(message), signal).finally(() => pending.end());
  done.catch(() => undefined); // told below
  try {
    for (;;) {
      const message = await pending.next();
      if (message === undefined) break;
      yield message;
    }
    await done;
  } finally {
    leaving.abort();
    await done.catch(() => undefined);
  }
}

/** Messages not yet taken. A newer position of the same bar takes the place of an older. */
class Pending {
  #messages: JSONMessage[] = [];
  #ended = false;
  #wake: (() => void) | undefined;

  add(message: JSONMessage): void {
    const place = this.#messages.findLastIndex(({ id }) => id === message.id);
    const older = this.#messages[place];
    if (isBar(message) && older !== undefined && isBar(older) && older.status === message.status)
      this.#messages[place] = message;
    else this.#messages.push(message);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async next(): Promise<JSONMessage | undefined> {
    while (this.#messages.length === 0 && !this.#ended) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    return this.#messages.shift();
  }
}

const isBar = ({ id, progressDetail }: JSONMessage): boolean =>
  id !== undefined && progressDetail?.current !== undefined;

const intervalMilliseconds = 100;

/** Calls `report` at most ten times a second. */
export function throttled(report: (current: number) => void): (current: number) => void {
  let last = 0;
  return (current) => {
    const now = performance.now();
    if (now - last < intervalMilliseconds) return;
    last = now;
    report(current);
  };
}
