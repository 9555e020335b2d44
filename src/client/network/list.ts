import type { Network } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';

/** Networks. */
export function listNetworks(daemon: Daemon, filters?: Filters): Promise<readonly Network[]> {
  return daemon.json({ method: 'GET', path: '/networks', query: { filters: filterText(filters) } });
}
