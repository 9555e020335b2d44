import type { Daemon } from '../daemon.ts';

/** Removes a network that nothing is attached to. */
export async function removeNetwork(daemon: Daemon, id: string): Promise<void> {
  await daemon.run({ method: 'DELETE', path: `/networks/${encodeURIComponent(id)}` });
}
