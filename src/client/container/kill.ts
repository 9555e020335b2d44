import type { Daemon } from '../daemon.ts';

/** Sends a signal, SIGKILL unless another is named, to the main process of a container. */
export async function killContainer(daemon: Daemon, id: string, signal?: string): Promise<void> {
  await daemon.run({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/kill`, query: { signal } });
}
