import type { VolumePruneResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

/** Removes anonymous volumes that no container uses; with the filter `all=true` named ones too. */
export function pruneVolumes(daemon: Daemon, filters?: Filters): Promise<VolumePruneResponse> {
  return daemon.json({ method: 'POST', path: '/volumes/prune', query: { filters: filterText(filters) } });
}
