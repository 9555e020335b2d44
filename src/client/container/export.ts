import type { Daemon } from '../daemon.ts';

/** The file system of a container as a tar. */
export async function exportContainer(daemon: Daemon, id: string): Promise<AsyncIterable<Uint8Array>> {
  return (await daemon.call({ method: 'GET', path: `/containers/${encodeURIComponent(id)}/export` })).body;
}
