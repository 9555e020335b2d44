import type { IncomingMessage } from 'node:http';
import { KeyedLock } from '#base/keyed-lock.ts';

/** A request's turn at an upload. */
export interface Turn extends Disposable {
  /** Aborts when a later request wants the upload. */
  readonly signal: AbortSignal;
}

/**
 * One request at a time writes to an upload. A later one ends it: a client that lost its connection comes back before the
 * server knows, and what came by the first is kept.
 */
export class Writers {
  readonly #locks = new KeyedLock();
  readonly #current = new Map<string, AbortController>();

  async take(id: string, request: IncomingMessage): Promise<Turn> {
    this.#current.get(id)?.abort();
    const controller = new AbortController();
    this.#current.set(id, controller);
    const held = await this.#locks.acquire(id);
    const { signal } = controller;
    // its source fails then, and with it what reads from it
    const end = () => request.destroy();
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    return {
      signal,
      [Symbol.dispose]: () => {
        signal.removeEventListener('abort', end);
        if (this.#current.get(id) === controller) this.#current.delete(id);
        held[Symbol.dispose]();
      },
    };
  }
}
