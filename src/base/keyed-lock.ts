/**
 * Mutual exclusion by key: holders of different keys never wait for one another, holders of one key go in turn.
 *
 *     using held = await locks.acquire(containerId);
 *
 * A key that nobody holds costs nothing.
 */
export class KeyedLock {
  readonly #tails = new Map<string, Promise<void>>();

  /** Resolves when the key is ours; disposing (once or often) hands it on. Rejects with the signal's reason. */
  async acquire(key: string, signal?: AbortSignal): Promise<Disposable> {
    signal?.throwIfAborted();
    const before = this.#tails.get(key);
    const { promise: mine, resolve: release } = Promise.withResolvers<void>();
    const tail = before === undefined ? mine : before.then(() => mine);
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    if (before !== undefined)
      await untilAborted(before, signal).catch((error: unknown) => {
        release();
        throw error;
      });
    return { [Symbol.dispose]: release };
  }

  /** Whether someone holds or awaits the key. */
  isHeld(key: string): boolean {
    return this.#tails.has(key);
  }
}

async function untilAborted(wait: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (signal === undefined) return wait;
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([wait, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
