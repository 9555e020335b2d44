import type { Volume, VolumeCreateOptions } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** Creates a volume; one of that name and driver is returned as it is. */
export function createVolume(daemon: Daemon, volume: VolumeCreateOptions): Promise<Volume> {
  return daemon.json({ method: 'POST', path: '/volumes/create', json: volume });
}
