import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

export interface BuildPrune {
  readonly all?: boolean;
  readonly filters?: Filters;
  /** Bytes: what is kept in any case; the most that may be kept; how much of the disk must be free. */
  readonly reservedSpace?: number | undefined;
  readonly maxUsedSpace?: number | undefined;
  readonly minFreeSpace?: number | undefined;
}

/** Removes build cache: what no image needs, or with `all` everything. */
export function pruneBuildCache(
  daemon: Daemon,
  options: BuildPrune = {},
): Promise<{ readonly CachesDeleted: readonly string[] | null; readonly SpaceReclaimed: number }> {
  const { filters, all, reservedSpace, maxUsedSpace, minFreeSpace } = options;
  return daemon.json({
    method: 'POST',
    path: '/build/prune',
    query: {
      all,
      filters: filterText(filters),
      'reserved-space': reservedSpace,
      'max-used-space': maxUsedSpace,
      'min-free-space': minFreeSpace,
    },
  });
}
