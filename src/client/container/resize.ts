import type { Daemon } from '../daemon.ts';

/** Sets the size of a container's terminal. */
export async function resizeContainer(
  daemon: Daemon,
  id: string,
  size: { h: number; w: number },
): Promise<void> {
  await daemon.run({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/resize`, query: size });
}
