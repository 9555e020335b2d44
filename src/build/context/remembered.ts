import type { HeldContext } from './held-contexts.ts';
import { TreeDigests } from './tree-digest.ts';

/** Files of all contexts that are remembered together, at most: some 300 bytes each. */
const maxFiles = 100_000;
/** A context that no build has asked for goes after this long. */
const patienceMilliseconds = 600_000;

export interface RememberedContext {
  /** The client's digest of its listing. */
  readonly listing: string;
  readonly files: number;
  readonly context: HeldContext;
  readonly digests: TreeDigests;
  readonly timer: NodeJS.Timeout;
}

/**
 * Contexts as they were last sent, by their origin, for builds that come soon after one another: where a listing has the
 * digest of the last one, neither it nor what it says need be sent, read and compared again. In memory alone: what is not
 * remembered is told by its listing.
 */
export class RememberedContexts {
  /** Least recently used first. */
  readonly #contexts = new Map<string, RememberedContext>();

  find(origin: string, listing: string): RememberedContext | undefined {
    const remembered = this.#contexts.get(origin);
    if (remembered?.listing !== listing) return undefined;
    this.#contexts.delete(origin);
    this.#contexts.set(origin, remembered);
    remembered.timer.refresh();
    return remembered;
  }

  /** @param context one whose files' stamps all tell their contents */
  remember(
    origin: string,
    { listing, files, context }: Pick<RememberedContext, 'listing' | 'files' | 'context'>,
  ): void {
    this.forget(origin);
    const timer = setTimeout(() => this.forget(origin), patienceMilliseconds);
    timer.unref();
    this.#contexts.set(origin, { listing, files, context, digests: new TreeDigests(context.tree), timer });
    let sum = 0;
    for (const each of this.#contexts.values()) sum += each.files;
    for (const [oldest, each] of this.#contexts) {
      if (sum <= maxFiles) break;
      sum -= each.files;
      this.forget(oldest);
    }
  }

  forget(origin: string): void {
    clearTimeout(this.#contexts.get(origin)?.timer);
    this.#contexts.delete(origin);
  }

  close(): void {
    for (const origin of [...this.#contexts.keys()]) this.forget(origin);
  }
}
