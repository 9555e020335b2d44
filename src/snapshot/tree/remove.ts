import { closeSync } from 'node:fs';
import { type ByteString, toBytes } from '#archive/tar-entry.ts';
import { invalid } from '#base/errors.ts';
import { O, openAt, unlinkAt } from '#linux/index.ts';
import { type FileStat, namesIn, statAt } from './live-file.ts';

const maxDepth = 1100;

/**
 * Removes a file or tree beneath an open directory, links as links. `beforeUnlink` is asked for each file; what it takes
 * away itself it answers `taken` for.
 */
export function removeAt(
  directory: number,
  name: ByteString,
  beforeUnlink: (directory: number, name: ByteString, stat: FileStat) => 'taken' | 'left' = () => 'left',
  depth = 0,
): void {
  const stat = statAt(directory, name);
  if (stat === undefined) return;
  if (!stat.isDirectory()) {
    if (beforeUnlink(directory, name, stat) === 'left') unlinkAt(directory, toBytes(name));
    return;
  }
  if (depth > maxDepth) throw invalid('too many directories beneath it');
  const inner = openAt(directory, toBytes(name), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
  try {
    for (const child of namesIn(inner)) removeAt(inner, child, beforeUnlink, depth + 1);
  } finally {
    closeSync(inner);
  }
  unlinkAt(directory, toBytes(name), 'directory');
}
