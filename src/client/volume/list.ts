import type { VolumeListResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

/** Volumes. */
export function listVolumes(daemon: Daemon, filters?: Filters): Promise<VolumeListResponse> {
  return daemon.json({ method: 'GET', path: '/volumes', query: { filters: filterText(filters) } });
}
