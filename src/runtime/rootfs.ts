import { closeSync, fstatSync, readSync } from 'node:fs';
import { EngineError } from '#base/errors.ts';
import { mkdirAt, O, openBeneath } from '#linux/files.ts';
import { nr } from '#linux/numbers.ts';
import { checked, sys } from '#linux/sys.ts';

/**
 * A container's files as seen from outside. Everything inside is hostile: every path is walked beneath the root, its
 * links too, and only ordinary files are read.
 */

const ENOENT = 2;
const ENOTDIR = 20;
const EEXIST = 17;

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

/** The text of an open symbolic link (opened with `follow: false`). */
export function readLinkAt(link: number): string {
  const bytes = Buffer.alloc(4096); // PATH_MAX
  return bytes.toString('utf8', 0, checked('readlinkat', sys(nr.readlinkat, link, '', bytes, bytes.length)));
}

/** Makes a folder and those above it, as `mkdir -p`. */
export function makeDirectoryBeneath(root: number, path: string, mode = 0o755): void {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  for (let length = 1; length <= parts.length; length += 1) {
    const parent = openDirectoryBeneath(root, `/${parts.slice(0, length - 1).join('/')}`);
    if (parent === undefined) return;
    try {
      mkdirAt(parent, parts[length - 1]!, mode);
    } catch (error) {
      if (!(error instanceof EngineError) || error.errno !== EEXIST) throw error;
    } finally {
      closeSync(parent);
    }
  }
}

function openedBeneath(root: number, path: string, flags: number): number | undefined {
  try {
    return openBeneath(root, path, flags);
  } catch (error) {
    if (error instanceof EngineError && (error.errno === ENOENT || error.errno === ENOTDIR)) return undefined;
    throw error;
  }
}
