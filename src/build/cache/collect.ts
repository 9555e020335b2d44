import { setTimeout as pass } from 'node:timers/promises';
import type { BuildCache } from '#api/index.ts';
import type { Images } from '#image/images.ts';
import type { Digest } from '#oci/digest.ts';
import type { Snapshotter } from '#snapshot/index.ts';
import type { Database } from '#state/database.ts';
import type { CachePrune } from '../builds.ts';
import type { OpenContexts } from '../context/open-contexts.ts';
import type { StepRunner } from '../run/run-step.ts';
import { type CacheEntry, cacheEntries } from './entries.ts';
import { type CachePolicy, excessOf } from './policy.ts';
import { pruneFilter } from './prune-filters.ts';
import type { BuildsUnderWay } from './under-way.ts';

export interface CollectRooms {
  readonly database: Database;
  readonly snapshotter: Pick<Snapshotter, 'settled'>;
  readonly images: Pick<Images, 'collectLayers'>;
  readonly runner: Pick<StepRunner, 'caches' | 'removeCache' | 'settled'>;
  readonly contexts: Pick<OpenContexts, 'usage' | 'stored' | 'uses' | 'prune'>;
  readonly underWay: Pick<BuildsUnderWay, 'since'>;
  /** Whether a step runs now. */
  readonly runs: (key: Digest) => boolean;
  /** Bytes that are free where the data root is. */
  readonly free: () => number;
  readonly now: () => Date;
}

interface Removal {
  readonly entries: readonly CacheEntry[];
  /** How much is to go. */
  readonly bytes: number;
  /** Whether files of contexts are among it, and of which age. */
  readonly contexts: { readonly before: Date | undefined } | undefined;
}

/** The ID of the record that stands for the files of all contexts. */
const contextsId = 'contexts';
/** Steps that have ended give back what they had within moments. */
const settleMilliseconds = 5000;

/** What the cache holds and what may go. */
export class CacheCollector {
  readonly #rooms: CollectRooms;
  /** When contents were last looked through for what is old: it takes a while with many. */
  #looked = 0;

  constructor(rooms: CollectRooms) {
    this.#rooms = rooms;
  }

  /** A record a step and a cache mount, least recently used first, then one for the files of contexts. */
  usage(): readonly BuildCache[] {
    return [...cacheEntries(this.#rooms).map(({ record }) => record), ...this.#contexts()];
  }

  /** Files of contexts are one record: they are kept by content, not by context. */
  #contexts(): BuildCache[] {
    const { stored, size, files, pinned, createdAt, lastUsedAt } = this.#rooms.contexts.usage();
    if (stored === 0) return [];
    return [
      {
        ID: contextsId,
        Type: 'source.local',
        Description: `files of build contexts and downloads (${files})`,
        InUse: pinned > 0 && pinned >= size,
        Shared: false,
        Size: stored,
        CreatedAt: createdAt ?? '',
        LastUsedAt: lastUsedAt ?? null,
        UsageCount: 1,
      },
    ];
  }

  /**
   * Removes by hand: what filters name, down to what is to be kept. When it resolves the disk has the space again.
   *
   * @throws {EngineError} `invalid` for filters that are none
   */
  async prune(options: CachePrune): Promise<{ deleted: readonly string[]; spaceReclaimed: number }> {
    const { before, matches } = pruneFilter(options.filters ?? {}, this.#rooms.now());
    await this.#stepsSettled();
    const isOld = ({ LastUsedAt }: BuildCache) =>
      before === undefined || Date.parse(LastUsedAt ?? '') < before.getTime();
    // what images have too gains no space: only `all` takes it
    const entries = cacheEntries(this.#rooms).filter(
      ({ record }) =>
        !record.InUse && isOld(record) && matches(record) && (options.all === true || !record.Shared),
    );
    const contexts = this.#contexts().some((record) => !record.InUse && matches(record));
    const bytes = this.#excessBy(options);
    const removed = await this.#remove({ entries, bytes, contexts: contexts ? { before } : undefined });
    await this.#freed();
    return removed;
  }

  #excessBy({ reservedSpace = 0, maxUsedSpace, minFreeSpace = 0 }: CachePrune): number {
    const policy = { reservedSpace, maxUsedSpace: maxUsedSpace ?? reservedSpace, minFreeSpace };
    return Object.values(policy).some((bytes) => bytes > 0) ? this.#excess(policy) : Number.POSITIVE_INFINITY;
  }

  /** What the policy says, least recently used first; and layers that nothing uses any more. */
  async collect(policy: CachePolicy): Promise<void> {
    await this.#stepsSettled();
    if (policy.unusedSeconds > 0) await this.#removeOld(policy);
    const bytes = this.#excess(policy);
    if (bytes > 0) await this.#remove({ entries: this.#unused(), bytes, contexts: { before: undefined } });
    await this.#freed();
  }

  async #removeOld({ reservedSpace, unusedSeconds }: CachePolicy): Promise<void> {
    const bytes = this.#used() - reservedSpace;
    if (bytes <= 0) return;
    const now = this.#rooms.now().getTime();
    const before = new Date(now - unusedSeconds * 1000);
    const looks = Math.abs(now - this.#looked) >= unusedSeconds * 100;
    if (looks) this.#looked = now;
    await this.#remove({
      entries: this.#unused().filter(({ record }) => Date.parse(record.LastUsedAt ?? '') < before.getTime()),
      bytes,
      contexts: looks ? { before } : undefined,
    });
  }

  #unused(): readonly CacheEntry[] {
    return cacheEntries(this.#rooms).filter(({ record }) => !record.InUse);
  }

  /** Bytes that are the cache's alone. */
  #used(): number {
    return cacheEntries(this.#rooms).reduce(
      (sum, { record }) => sum + (record.Shared ? 0 : record.Size),
      this.#rooms.contexts.stored(),
    );
  }

  #excess(policy: Omit<CachePolicy, 'unusedSeconds'>): number {
    return excessOf({ used: this.#used(), free: this.#rooms.free() }, policy);
  }

  async #remove({ entries, bytes, contexts }: Removal): ReturnType<CacheCollector['prune']> {
    const deleted: string[] = [];
    let freed = 0;
    const dropContents = async (share: number): Promise<void> => {
      if (contexts === undefined || share <= 0) return;
      const gone = await this.#pruneContexts(share, contexts.before);
      if (gone > 0 && !deleted.includes(contextsId)) deleted.push(contextsId);
      freed += gone;
    };
    if (contexts !== undefined) await dropContents(this.#contextsShare(entries, bytes, contexts.before));
    for (const { record, drop } of entries) {
      if (freed >= bytes) break;
      const gone = await drop();
      if (gone === undefined) continue;
      deleted.push(record.ID);
      freed += gone;
    }
    await dropContents(bytes - freed);
    return { deleted, spaceReclaimed: freed };
  }

  /** How many of the bytes that go are files of contexts, when the least recently used goes first, whatever it is. */
  #contextsShare(entries: readonly CacheEntry[], bytes: number, before: Date | undefined): number {
    const limit = before?.toISOString();
    let share = 0;
    let rest = bytes;
    let next = 0;
    for (const { usedAt, size } of this.#rooms.contexts.uses()) {
      if (limit !== undefined && usedAt >= limit) break;
      for (; next < entries.length && (entries[next]!.record.LastUsedAt ?? '') < usedAt; next++)
        rest -= entries[next]!.record.Shared ? 0 : entries[next]!.record.Size;
      if (rest <= 0) break;
      share += Math.min(size, rest);
      rest -= size;
    }
    return share;
  }

  /** @returns bytes that packs have less */
  async #pruneContexts(bytes: number, before: Date | undefined): Promise<number> {
    const { contexts } = this.#rooms;
    const { size, stored } = contexts.usage();
    await contexts.prune({ keepBytes: Math.max(0, size - bytes), ...(before && { before }) });
    return Math.max(0, stored - contexts.stored());
  }

  /** What steps of builds that have ended had is theirs no more; steps of others are not waited for. */
  async #stepsSettled(): Promise<void> {
    const { runner, underWay } = this.#rooms;
    if (underWay.since !== undefined) return;
    const waiting = new AbortController();
    const { signal } = waiting;
    const patience = pass(settleMilliseconds, undefined, { signal }).catch(() => undefined);
    await Promise.race([runner.settled(), patience]);
    waiting.abort();
  }

  async #freed(): Promise<void> {
    await this.#rooms.images.collectLayers();
    await this.#rooms.snapshotter.settled();
  }
}
