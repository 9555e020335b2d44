import type { JSONMessage } from '#api/image.ts';
import type { Digest } from '#oci/digest.ts';
import type { Report } from './progress.ts';

interface Transfer {
  readonly members: Set<{ readonly report: Report }>;
  readonly abort: AbortController;
  readonly done: Promise<void>;
  /** What those who come later must be told first. */
  last: JSONMessage | undefined;
}

/**
 * Layers on their way, each once however many want it. A transfer ends early when the last who wanted it has gone.
 */
export class Transfers {
  readonly #running = new Map<Digest, Transfer>();

  /** Joins the layer's transfer, starting it with `start` where there is none. Rejects as it does, or as `signal` says. */
  async join(
    diffId: Digest,
    options: { readonly report: Report; readonly signal: AbortSignal },
    start: (report: Report, signal: AbortSignal) => Promise<void>,
  ): Promise<void> {
    options.signal.throwIfAborted();
    const transfer = this.#running.get(diffId) ?? this.#start(diffId, start);
    if (transfer.last !== undefined) options.report(transfer.last);
    const member = { report: options.report };
    transfer.members.add(member);
    const { promise: left, reject } = Promise.withResolvers<never>();
    const leave = () => reject(options.signal.reason);
    options.signal.addEventListener('abort', leave, { once: true });
    try {
      await Promise.race([transfer.done, left]);
    } finally {
      options.signal.removeEventListener('abort', leave);
      await this.#leave(diffId, transfer, member);
    }
  }

  #start(diffId: Digest, start: (report: Report, signal: AbortSignal) => Promise<void>): Transfer {
    const members: Transfer['members'] = new Set();
    const abort = new AbortController();
    const report = (message: JSONMessage) => {
      transfer.last = message;
      for (const member of members) member.report(message);
    };
    // Begins a turn later, when whoever starts it listens.
    const done = Promise.resolve()
      .then(() => start(report, abort.signal))
      .finally(() => {
        if (this.#running.get(diffId) === transfer) this.#running.delete(diffId);
      });
    done.catch(() => undefined); // told to those who joined
    const transfer: Transfer = { members, abort, done, last: undefined };
    this.#running.set(diffId, transfer);
    return transfer;
  }

  async #leave(diffId: Digest, transfer: Transfer, member: { readonly report: Report }): Promise<void> {
    transfer.members.delete(member);
    if (transfer.members.size > 0 || this.#running.get(diffId) !== transfer) return;
    // Who comes now starts anew rather than join what is being given up.
    this.#running.delete(diffId);
    transfer.abort.abort();
    await transfer.done.catch(() => undefined);
  }
}
