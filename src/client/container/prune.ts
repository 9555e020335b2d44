import type { ContainerPruneResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

/** Removes every container that does not run. */
export function pruneContainers(daemon: Daemon, filters?: Filters): Promise<ContainerPruneResponse> {
  return daemon.json({ method: 'POST', path: '/containers/prune', query: { filters: filterText(filters) } });
}
