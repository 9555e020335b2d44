import type { Daemon } from '../daemon.ts';

/** Suspends every process of a container. */
export async function pauseContainer(daemon: Daemon, id: string): Promise<void> {
  await daemon.run({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/pause` });
}
