import { closeSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { ByteString } from '#archive/tar-entry.ts';
import { AT_FDCWD, O, openAt } from '#linux/index.ts';
import type { Usage } from '../snapshotter.ts';
import { namesIn, openDirectory, statAt } from '../tree/live-file.ts';

/** Bytes of the files in a tree, each once however many names it has, and how many files and directories there are. */
export async function usageOf(path: string): Promise<Usage> {
  const root = openAt(AT_FDCWD, path, O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  const seen = new Set<bigint>();
  let size = 0n;
  const ahead: ByteString[] = [''];
  try {
    for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
      const directory = openDirectory(root, at);
      if (directory === undefined) continue;
      try {
        for (const name of namesIn(directory)) {
          const stat = statAt(directory, name);
          if (stat === undefined || seen.has(stat.ino)) continue;
          seen.add(stat.ino);
          if (stat.isDirectory()) ahead.push(at === '' ? name : `${at}/${name}`);
          else size += stat.size;
        }
      } finally {
        closeSync(directory);
      }
      await setImmediate();
    }
  } finally {
    closeSync(root);
  }
  return { size: Number(size), inodes: seen.size + 1 };
}
