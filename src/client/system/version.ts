import type { SystemVersion } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** The versions of a daemon and its parts. */
export function daemonVersion(daemon: Daemon): Promise<SystemVersion> {
  return daemon.json({ method: 'GET', path: '/version' });
}
