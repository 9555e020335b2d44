import type { Daemon } from '../daemon.ts';

/** Lets the processes of a paused container go on. */
export async function unpauseContainer(daemon: Daemon, id: string): Promise<void> {
  await daemon.run({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/unpause` });
}
