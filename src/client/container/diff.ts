import type { FilesystemChange } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** What differs between a container's file system and its image's. */
export async function containerChanges(daemon: Daemon, id: string): Promise<readonly FilesystemChange[]> {
  const changes = await daemon.json<readonly FilesystemChange[] | null>({
    method: 'GET',
    path: `/containers/${encodeURIComponent(id)}/changes`,
  });
  return changes ?? [];
}
