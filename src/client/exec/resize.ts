import type { Daemon } from '../daemon.ts';

/** Sets the size of the process's terminal. */
export async function resizeExec(daemon: Daemon, id: string, size: { h: number; w: number }): Promise<void> {
  await daemon.run({ method: 'POST', path: `/exec/${id}/resize`, query: size });
}
