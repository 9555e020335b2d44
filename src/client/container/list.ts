import type { ContainerSummary } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

/** Containers, newest first; without `all` or `limit` those that run. */
export function listContainers(
  daemon: Daemon,
  options: { all?: boolean; limit?: number; size?: boolean; filters?: Filters } = {},
): Promise<readonly ContainerSummary[]> {
  const { filters, ...query } = options;
  return daemon.json({
    method: 'GET',
    path: '/containers/json',
    query: { ...query, filters: filterText(filters) },
  });
}
