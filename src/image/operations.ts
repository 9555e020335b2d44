import type { JSONMessage } from '#api/image.ts';
import { cancelled } from '#base/errors.ts';
import { progressOf, type Report } from './progress.ts';

/** What is under way and tells of it: ended, and waited for, when the engine closes. */
export class Operations {
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  readonly #onIdle: () => void;

  constructor(onIdle: () => void = () => undefined) {
    this.#onIdle = onIdle;
  }

  /** Runs `work` as `progressOf` does. */
  run(
    work: (report: Report, signal: AbortSignal) => Promise<void>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<JSONMessage, void, void> {
    const either =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal]);
    return progressOf((report, inner) => this.#track(work(report, inner)), either);
  }

  #track(work: Promise<void>): Promise<void> {
    this.#running.add(work);
    return work.finally(() => {
      this.#running.delete(work);
      if (this.#running.size === 0) this.#onIdle();
    });
  }

  async close(): Promise<void> {
    this.#closing.abort(cancelled('The engine is closing'));
    await Promise.allSettled(this.#running);
  }
}
