import { closeSync, constants, fchmodSync, fchownSync, fstatSync, openSync, readdirSync } from 'node:fs';
import { openDirectoryBeneath } from '#runtime/rootfs.ts';
import { packTree, unpackInto } from '#snapshot/index.ts';
import type { ContainerMount } from '../record.ts';
import type { Rooms } from '../rooms.ts';

/**
 * Fills empty volumes with what the image has at their place, owners and all. A volume that holds anything is left as it
 * is, and so is one at whose place the image has no folder.
 */
export async function copyUp(
  snapshotKey: string,
  mounts: readonly ContainerMount[],
  { snapshotter, volumes }: Rooms,
): Promise<void> {
  const empty = mounts.filter(({ source }) => readdirSync(source).length === 0);
  if (empty.length === 0) return;
  await using rootfs = await snapshotter.mount(snapshotKey);
  for (const { destination, name } of empty) {
    const folder = openDirectoryBeneath(rootfs.fd, destination);
    if (folder === undefined) continue;
    const volume = openSync(volumes.path(name ?? ''), constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      await unpackInto(volume, packTree(folder, '.'));
      const { uid, gid, mode } = fstatSync(folder);
      fchownSync(volume, uid, gid);
      fchmodSync(volume, mode & 0o7777);
    } finally {
      closeSync(volume);
      closeSync(folder);
    }
  }
}
