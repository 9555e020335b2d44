import { statfsSync } from 'node:fs';
import type { BuildCache } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { Filters } from '#events/filters.ts';
import type { Images } from '#image/images.ts';
import type { Digest } from '#oci/digest.ts';
import type { Snapshotter } from '#snapshot/index.ts';
import type { Database } from '#state/database.ts';
import type { CachePrune } from '../builds.ts';
import type { StepRunner } from '../run/run-step.ts';

/** How much of the disk the cache may have, by itself. Bytes; age in seconds. */
export interface CachePolicy {
  /** What is kept whatever else is said. */
  readonly reservedSpace: number;
  readonly maxUsedSpace: number;
  readonly minFreeSpace: number;
  /** What was not used for so long goes first, cap or no cap; 0: it stays. */
  readonly unusedSeconds: number;
}

interface Row {
  readonly key: Digest;
  readonly instruction: string;
  readonly layer: Digest | null;
  readonly size: number;
  readonly created_at: string;
  readonly used_at: string;
  readonly uses: number;
  readonly shared: number;
}

export interface CollectRooms {
  readonly database: Database;
  readonly snapshotter: Snapshotter;
  readonly images: Images;
  readonly runner: Pick<StepRunner, 'caches' | 'removeCache'>;
  readonly dataRoot: string;
  /** Steps that run or that a build under way has used. */
  readonly inUse: (key: Digest) => boolean;
  readonly now: () => Date;
}

/** What the cache holds and what may go. */
export class CacheCollector {
  readonly #rooms: CollectRooms;

  constructor(rooms: CollectRooms) {
    this.#rooms = rooms;
  }

  /** A record a step, least recently used first, then cache mounts. */
  usage(): readonly BuildCache[] {
    return [...this.#steps().map((row) => this.#stepRecord(row)), ...this.#mounts()];
  }

  #steps(): Row[] {
    return this.#rooms.database.all<Row>(
      `SELECT key, instruction, layer, size, created_at, used_at, uses,
         EXISTS (SELECT 1 FROM image_layer WHERE diff_id = layer) AS shared
       FROM build_step ORDER BY used_at`,
    );
  }

  #stepRecord(row: Row): BuildCache {
    return {
      ID: row.key.slice(7, 32),
      Type: 'regular',
      Description: row.instruction,
      InUse: this.#rooms.inUse(row.key),
      Shared: row.shared === 1,
      Size: row.size,
      CreatedAt: row.created_at,
      LastUsedAt: row.used_at,
      UsageCount: row.uses,
    } as BuildCache;
  }

  #mounts(): BuildCache[] {
    return this.#rooms.runner.caches().map(
      ({ id, size, createdAt, lastUsedAt, uses, inUse }) =>
        ({
          ID: id,
          Type: 'exec.cachemount',
          Description: `cache mount ${id}`,
          InUse: inUse,
          Shared: false,
          Size: size,
          CreatedAt: createdAt,
          LastUsedAt: lastUsedAt,
          UsageCount: uses,
        }) as BuildCache,
    );
  }

  /** Removes by hand: what filters name, down to what is to be kept. */
  async prune(options: CachePrune): Promise<{ deleted: readonly string[]; spaceReclaimed: number }> {
    const wanted = matcher(options.filters ?? {}, this.#rooms.now());
    const all = this.usage();
    const records = all.filter((record) => !record.InUse && wanted(record));
    // what images have too gains no space: only `all` takes it
    const candidates = records.filter((record) => options.all === true || !record.Shared);
    const limited = [options.reservedSpace, options.maxUsedSpace, options.minFreeSpace].some(Boolean);
    const excess = limited
      ? this.#excess(all, {
          reservedSpace: options.reservedSpace ?? 0,
          maxUsedSpace: options.maxUsedSpace ?? options.reservedSpace ?? 0,
          minFreeSpace: options.minFreeSpace ?? 0,
        })
      : Number.POSITIVE_INFINITY;
    return this.#remove(candidates, excess);
  }

  /** What the policy says, least recently used first. */
  async collect(policy: CachePolicy): Promise<void> {
    const oldest = this.#rooms.now().getTime() - policy.unusedSeconds * 1000;
    const isOld = ({ InUse, LastUsedAt }: BuildCache) =>
      policy.unusedSeconds > 0 && !InUse && Date.parse(LastUsedAt ?? '') < oldest;
    const { true: old = [], false: kept = [] } = Object.groupBy(this.usage(), (record) => `${isOld(record)}`);
    if (old.length > 0) await this.#remove(old, Number.POSITIVE_INFINITY);
    const excess = this.#excess(kept, policy);
    const removable = kept.filter(({ InUse }) => !InUse);
    if (excess > 0) await this.#remove(removable.toSorted(byUse), excess);
  }

  /** Bytes that must go: over the most that may be used, or missing from the free space, but never of what is reserved. */
  #excess(records: readonly BuildCache[], policy: Omit<CachePolicy, 'unusedSeconds'>): number {
    const used = records.reduce((sum, { Size, Shared }) => sum + (Shared ? 0 : (Size ?? 0)), 0);
    const { bavail, bsize } = statfsSync(this.#rooms.dataRoot);
    const over = policy.maxUsedSpace > 0 ? used - policy.maxUsedSpace : 0;
    const lacking = policy.minFreeSpace > 0 ? policy.minFreeSpace - bavail * bsize : 0;
    return Math.min(Math.max(over, lacking, 0), Math.max(used - policy.reservedSpace, 0));
  }

  async #remove(
    records: readonly BuildCache[],
    bytes: number,
  ): Promise<{ deleted: readonly string[]; spaceReclaimed: number }> {
    const deleted: string[] = [];
    let freed = 0;
    for (const record of records) {
      if (freed >= bytes) break;
      const { ID = '', Type, Size = 0, Shared } = record;
      if (Type === 'exec.cachemount') await this.#rooms.runner.removeCache(ID);
      else
        this.#rooms.database.run(
          'DELETE FROM build_step WHERE key >= ? AND key < ?',
          `sha256:${ID}`,
          `sha256:${ID}g`,
        );
      deleted.push(ID);
      if (!Shared) freed += Size;
    }
    if (deleted.length > 0) await this.#rooms.images.collectLayers();
    return { deleted, spaceReclaimed: freed };
  }
}

const byUse = (a: BuildCache, b: BuildCache): number =>
  (a.LastUsedAt ?? '') < (b.LastUsedAt ?? '') ? -1 : 1;

/** `until`, `unused-for`, `id`, `parent`, `type`, `description`, `inuse`, `shared`, `private`. @see Engine API, BuildPrune */
function matcher(filters: Filters, now: Date): (record: BuildCache) => boolean {
  const known = ['until', 'unused-for', 'id', 'parent', 'type', 'description', 'inuse', 'shared', 'private'];
  const unknown = Object.keys(filters).find((name) => !known.includes(name));
  if (unknown !== undefined) throw invalid(`invalid filter '${unknown}'`);
  const before = [...(filters['until'] ?? []), ...(filters['unused-for'] ?? [])].map((text) =>
    earliest(text, now),
  );
  const contains = (name: string, value: string | undefined) =>
    filters[name] === undefined || filters[name].some((part) => value?.includes(part));
  const isSet = (name: string, value: boolean | undefined) =>
    filters[name] === undefined || filters[name].every((text) => text !== 'false') === Boolean(value);
  return (record) =>
    before.every((limit) => Date.parse(record.LastUsedAt ?? record.CreatedAt ?? '') < limit) &&
    (filters['id'] === undefined || filters['id'].some((id) => record.ID?.startsWith(id))) &&
    (filters['type'] === undefined || filters['type'].includes(record.Type ?? '')) &&
    contains('description', record.Description) &&
    filters['parent'] === undefined &&
    isSet('inuse', record.InUse) &&
    isSet('shared', record.Shared) &&
    isSet('private', !record.Shared);
}

function earliest(text: string, now: Date): number {
  const found = /^(\d+(?:\.\d+)?)(s|m|h|d)?$/.exec(text);
  const parsed = found === null ? Date.parse(text) : undefined;
  if (parsed !== undefined && Number.isNaN(parsed)) throw invalid(`invalid filter value '${text}'`);
  if (parsed !== undefined) return parsed;
  const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[found![2] ?? 's'] ?? 1;
  return now.getTime() - Number(found![1]) * unit * 1000;
}
