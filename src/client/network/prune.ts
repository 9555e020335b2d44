import type { NetworkPruneResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

/** Removes networks that no container uses. */
export function pruneNetworks(daemon: Daemon, filters?: Filters): Promise<NetworkPruneResponse> {
  return daemon.json({ method: 'POST', path: '/networks/prune', query: { filters: filterText(filters) } });
}
