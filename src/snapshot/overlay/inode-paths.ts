import { closeSync } from 'node:fs';
import type { ByteString } from '#archive/tar-entry.ts';
import { namesIn, openDirectory, statAt } from '../tree/live-file.ts';

/** One path of each regular file in a tree, by inode. */
export function pathsByInode(root: number): ReadonlyMap<number, ByteString> {
  const found = new Map<number, ByteString>();
  const ahead: ByteString[] = [''];
  for (let path = ahead.pop(); path !== undefined; path = ahead.pop()) {
    const directory = openDirectory(root, path);
    if (directory === undefined) continue;
    try {
      for (const name of namesIn(directory)) {
        const stat = statAt(directory, name);
        const inner = path === '' ? name : `${path}/${name}`;
        if (stat?.isDirectory() === true) ahead.push(inner);
        else if (stat?.isFile() === true) found.set(Number(stat.ino), inner);
      }
    } finally {
      closeSync(directory);
    }
  }
  return found;
}
