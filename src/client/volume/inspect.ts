import type { Volume } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** Everything about one volume. */
export function inspectVolume(daemon: Daemon, name: string): Promise<Volume> {
  return daemon.json({ method: 'GET', path: `/volumes/${encodeURIComponent(name)}` });
}
