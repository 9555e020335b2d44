import { closeSync, fchmodSync, fchownSync, fstatSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { O, openBeneath } from '#linux/files.ts';
import { AT_FDCWD, MOUNT_ATTR, mountDetached, moveMount, openTree, unmount } from '#linux/mount.ts';

/**
 * Mounts that are for a moment in this program's own namespace, where a container's binds take them from. A container has
 * copies: once it is made, they may go.
 */

/** Puts a detached mount at a new folder. */
export function attachMount(mount: number, place: string): void {
  mkdirSync(place, { mode: 0o700 });
  moveMount(mount, AT_FDCWD, place);
}

/**
 * Puts what is at a path beneath an open directory at a new place: a file or a folder. The tree may be hostile: links on
 * the way, and at the end, lead as if `root` were `/`.
 *
 * @param root an open directory of a mount that is attached
 * @throws {EngineError} with errno ENOENT when there is nothing
 */
export function attachBeneath(root: number, path: string, place: string): void {
  const found = openBeneath(root, path, O.PATH);
  try {
    const tree = openTree(found, '', { clone: true });
    try {
      if (fstatSync(found).isDirectory()) mkdirSync(place, { mode: 0o700 });
      else writeFileSync(place, '', { flag: 'wx', mode: 0o600 });
      moveMount(tree, AT_FDCWD, place);
    } finally {
      closeSync(tree);
    }
  } finally {
    closeSync(found);
  }
}

/** Takes away all that is mounted at a place; fine when nothing is. */
export function detachMounts(place: string): void {
  while (unmount(place) === 'unmounted');
}

export interface MemoryFile {
  readonly content: Uint8Array;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Files named `0`, `1`… in memory that no disk sees, as a file system at a new folder. */
export function attachMemoryFiles(files: readonly MemoryFile[], place: string): void {
  const pages = files.reduce((sum, { content }) => sum + Math.ceil(content.length / 4096) + 1, 16);
  const mount = mountDetached(
    'tmpfs',
    [
      ['mode', '0700'],
      ['size', String(pages * 4096)],
    ],
    MOUNT_ATTR.NOSUID | MOUNT_ATTR.NODEV,
  );
  try {
    attachMount(mount, place);
    for (const [index, file] of files.entries()) writeMemoryFile(`${place}/${index}`, file);
  } finally {
    closeSync(mount);
  }
}

function writeMemoryFile(path: string, { content, mode, uid, gid }: MemoryFile): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    writeFileSync(fd, content);
    fchownSync(fd, uid, gid);
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}
