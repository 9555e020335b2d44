import { closeSync, fstatSync, readlinkSync, readSync } from 'node:fs';
import { join } from 'node:path/posix';
import { EngineError } from '#base/errors.ts';
import { O, openBeneath } from '#linux/files.ts';
import { nr } from '#linux/numbers.ts';
import { checked, sys } from '#linux/sys.ts';

/**
 * A container's files as seen from outside. Everything inside is hostile: every path is walked beneath the root, its
 * links too, and only ordinary files are read.
 */

const ENOENT = 2;
const ENOTDIR = 20;

/** A small ordinary file's text; '' when there is none, or when it is no ordinary file. Longer ones are cut at `limit`. */
export function readTextBeneath(root: number, path: string, limit = 1 << 20): string {
  const fd = openedBeneath(root, path, O.RDONLY | O.NONBLOCK);
  if (fd === undefined) return '';
  try {
    if (!fstatSync(fd).isFile()) return '';
    const bytes = Buffer.alloc(Math.min(limit, fstatSync(fd).size));
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(fd);
  }
}

/** A descriptor of a folder, which the caller closes; undefined when there is no such folder. */
export function openDirectoryBeneath(root: number, path: string): number | undefined {
  return openedBeneath(root, path, O.RDONLY | O.DIRECTORY);
}

/** A descriptor that stands for whatever is there (O_PATH), which the caller closes. `follow` a final link or not. */
export function openPathBeneath(
  root: number,
  path: string,
  options: { readonly follow: boolean },
): number | undefined {
  return openedBeneath(root, path, O.PATH | (options.follow ? 0 : O.NOFOLLOW));
}

/** Where a path leads once links are followed, as far as there is anything: what is not there follows as it is. */
export function followedBeneath(root: number, path: string): string {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  for (let count = names.length; count > 0; count -= 1) {
    const found = openPathBeneath(root, names.slice(0, count).join('/'), { follow: true });
    if (found === undefined) continue;
    try {
      return join(readlinkSync(`/proc/self/fd/${found}`), ...names.slice(count));
    } finally {
      closeSync(found);
    }
  }
  return `/${names.join('/')}`;
}

/** The text of an open symbolic link (opened with `follow: false`). */
export function readLinkAt(link: number): string {
  const bytes = Buffer.alloc(4096); // PATH_MAX
  return bytes.toString('utf8', 0, checked('readlinkat', sys(nr.readlinkat, link, '', bytes, bytes.length)));
}

function openedBeneath(root: number, path: string, flags: number): number | undefined {
  try {
    return openBeneath(root, path, flags);
  } catch (error) {
    if (error instanceof EngineError && (error.errno === ENOENT || error.errno === ENOTDIR)) return undefined;
    throw error;
  }
}
