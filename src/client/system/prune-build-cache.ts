import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

/** Removes build cache: what no image needs, or with `all` everything. */
export function pruneBuildCache(
  daemon: Daemon,
  options: { all?: boolean; filters?: Filters } = {},
): Promise<{ readonly CachesDeleted: readonly string[] | null; readonly SpaceReclaimed: number }> {
  const { filters, all } = options;
  return daemon.json({ method: 'POST', path: '/build/prune', query: { all, filters: filterText(filters) } });
}
