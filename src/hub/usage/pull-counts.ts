import type { CountedPulls, PullRecords } from '../records/index.ts';

const mostPending = 10_000;

/**
 * Pulls of repositories by day, gathered in memory and written together. What cannot be written is kept, and added to, for the
 * next time; what there is no room for then is lost.
 */
export class PullCounts {
  readonly #records: Pick<PullRecords, 'add'>;
  readonly #now: () => Date;
  readonly #most: number;
  #pending = new Map<string, CountedPulls>();
  #writing: Promise<void> | undefined;
  #lost = 0;

  /** @param options.most so many repositories and days are gathered */
  constructor(
    records: Pick<PullRecords, 'add'>,
    options: { readonly now: () => Date; readonly most?: number },
  ) {
    this.#records = records;
    this.#now = options.now;
    this.#most = options.most ?? mostPending;
  }

  /** Pulls that nothing counts, since there was no room for them. */
  get lost(): number {
    return this.#lost;
  }

  /** @returns whether that was the last there was room for: it is time to write */
  add(repositoryId: number): boolean {
    const at = this.#now().toISOString();
    const before = this.#pending.size;
    this.#gather({ repositoryId, day: at.slice(0, 10), pulls: 1, at });
    return this.#pending.size > before && this.#isFull;
  }

  /** Writes what was gathered until now, in one operation. @throws what the records throw; nothing is forgotten then */
  async flush(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing.catch(() => {});
    if (this.#pending.size === 0) return;
    this.#writing = this.#write().finally(() => {
      this.#writing = undefined;
    });
    await this.#writing;
  }

  get #isFull(): boolean {
    return this.#pending.size >= this.#most;
  }

  async #write(): Promise<void> {
    const batch = this.#pending;
    this.#pending = new Map();
    try {
      await this.#records.add([...batch.values()]);
    } catch (error) {
      for (const counted of batch.values()) this.#gather(counted);
      throw error;
    }
  }

  #gather(counted: CountedPulls): void {
    const key = `${counted.day} ${counted.repositoryId}`;
    const before = this.#pending.get(key);
    if (before === undefined && this.#isFull) this.#lost += counted.pulls;
    else this.#pending.set(key, before === undefined ? counted : together(before, counted));
  }
}

function together(one: CountedPulls, other: CountedPulls): CountedPulls {
  const [, at = other.at] = [one.at, other.at].toSorted();
  return { ...one, pulls: one.pulls + other.pulls, at };
}
