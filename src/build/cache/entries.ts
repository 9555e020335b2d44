import type { BuildCache } from '#api/index.ts';
import { kindOf } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import type { StepRunner } from '../run/run-step.ts';
import type { BuildsUnderWay } from './under-way.ts';

/** What the cache holds and drops as one: a step's result, a cache mount. */
export interface CacheEntry {
  readonly record: BuildCache;
  /** @returns bytes that nothing needs any more; undefined when it stays, since it was used meanwhile */
  drop(): Promise<number | undefined>;
}

interface StepRow {
  readonly key: Digest;
  readonly instruction: string;
  readonly layer: Digest | null;
  readonly size: number;
  readonly created_at: string;
  readonly used_at: string;
  readonly uses: number;
  readonly shared: number;
}

interface EntryRooms {
  readonly database: Database;
  readonly runner: Pick<StepRunner, 'caches' | 'removeCache'>;
  readonly underWay: Pick<BuildsUnderWay, 'since'>;
  /** Whether a step runs now. */
  readonly runs: (key: Digest) => boolean;
}

/** Steps and cache mounts, least recently used first. */
export const cacheEntries = (rooms: EntryRooms): readonly CacheEntry[] =>
  [...stepEntries(rooms), ...mountEntries(rooms)].sort(byUse);

const byUse = (a: CacheEntry, b: CacheEntry): number =>
  (a.record.LastUsedAt ?? '') < (b.record.LastUsedAt ?? '') ? -1 : 1;

/** Of steps with one layer the last that was used has its bytes: when the others go, it is still there. */
function stepEntries({ database, underWay, runs }: EntryRooms): CacheEntry[] {
  const rows = database.all<StepRow>(
    `SELECT key, instruction, layer, created_at, used_at, uses,
       CASE WHEN EXISTS (SELECT 1 FROM build_step AS other
                         WHERE other.layer = step.layer AND (other.used_at, other.key) > (step.used_at, step.key))
         THEN 0 ELSE size END AS size,
       EXISTS (SELECT 1 FROM image_layer WHERE diff_id = layer) AS shared
     FROM build_step AS step`,
  );
  const { since } = underWay;
  return rows.map((row) => ({
    record: {
      ID: row.key.slice(7, 32),
      Type: 'regular',
      Description: row.instruction,
      InUse: runs(row.key) || (since !== undefined && row.used_at >= since),
      Shared: row.shared === 1,
      Size: row.size,
      CreatedAt: row.created_at,
      LastUsedAt: row.used_at,
      UsageCount: row.uses,
    },
    drop: async () => dropStep(database, row),
  }));
}

function dropStep(database: Database, { key, layer, used_at, uses, size }: StepRow): number | undefined {
  const sql = 'DELETE FROM build_step WHERE key = ? AND used_at = ? AND uses = ?';
  if (database.run(sql, key, used_at, uses) === 0) return undefined;
  if (layer === null) return 0;
  const users = ['image_layer WHERE diff_id', 'snapshot_layer WHERE diff_id', 'build_step WHERE layer'];
  const isUsed = users.some(
    (place) => database.get(`SELECT 1 FROM ${place} = ? LIMIT 1`, layer) !== undefined,
  );
  return isUsed ? 0 : size;
}

const mountEntries = ({ runner }: EntryRooms): CacheEntry[] =>
  runner.caches().map(({ id, size, createdAt, lastUsedAt, uses, inUse }) => ({
    record: {
      ID: id,
      Type: 'exec.cachemount',
      Description: `cache mount ${id}`,
      InUse: inUse,
      Shared: false,
      Size: size,
      CreatedAt: createdAt,
      LastUsedAt: lastUsedAt,
      UsageCount: uses,
    },
    drop: async () => {
      try {
        await runner.removeCache(id);
        return size;
      } catch (error) {
        if (kindOf(error) === 'conflict' || kindOf(error) === 'notFound') return undefined;
        throw error;
      }
    },
  }));
