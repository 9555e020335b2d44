import type { ImageSummary } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

/** Images, newest first. */
export function listImages(
  daemon: Daemon,
  options: { all?: boolean; digests?: boolean; filters?: Filters } = {},
): Promise<readonly ImageSummary[]> {
  const { filters, ...query } = options;
  return daemon.json({
    method: 'GET',
    path: '/images/json',
    query: { ...query, filters: filterText(filters) },
  });
}
