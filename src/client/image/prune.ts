import type { ImagePruneResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

/** Removes images that no container uses: those without a name, or with the filter `dangling=false` all. */
export function pruneImages(daemon: Daemon, filters?: Filters): Promise<ImagePruneResponse> {
  return daemon.json({ method: 'POST', path: '/images/prune', query: { filters: filterText(filters) } });
}
