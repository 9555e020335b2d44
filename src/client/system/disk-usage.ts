import type { SystemDataUsageResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** What takes space: of all kinds, or of `container`, `image`, `volume`, `build-cache`. */
export function diskUsage(daemon: Daemon, types?: readonly string[]): Promise<SystemDataUsageResponse> {
  return daemon.json({ method: 'GET', path: '/system/df', query: { type: types } });
}
