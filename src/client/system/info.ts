import type { SystemInfo } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** The state of a daemon and the machine it runs on. */
export function daemonInfo(daemon: Daemon): Promise<SystemInfo> {
  return daemon.json({ method: 'GET', path: '/info' });
}
