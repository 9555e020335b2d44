import { closeSync, fstatSync, type Stats } from 'node:fs';
import { basename, dirname, normalize, resolve } from 'node:path/posix';
import { EngineError, invalid } from '#base/errors.ts';
import { openDirectoryBeneath, openPathBeneath, readLinkAt } from '#runtime/rootfs.ts';
import type { PathStat } from './containers.ts';
import type { ContainerRecord } from './record.ts';

/** Bits of Go's `os.FileMode`, in which Docker's header tells a mode. */
const goMode = {
  directory: 2 ** 31,
  symlink: 2 ** 27,
  device: 2 ** 26,
  pipe: 2 ** 25,
  socket: 2 ** 24,
  setuid: 2 ** 23,
  setgid: 2 ** 22,
  characterDevice: 2 ** 21,
  sticky: 2 ** 20,
} as const;

/** What is at a path inside a root; a final link is told of, not followed. @throws `notFound` in Docker's words */
export function statBeneath(root: number, path: string): PathStat {
  const fd = openPathBeneath(root, path, { follow: false });
  if (fd === undefined) throw new EngineError('notFound', `Could not find the file ${path} in container`);
  try {
    const stat = fstatSync(fd);
    return {
      name: basename(normalize(`/${path}`)) || '/',
      size: stat.size,
      mode: goModeOf(stat),
      mtime: stat.mtime.toISOString(),
      linkTarget: stat.isSymbolicLink() ? targetOf(path, readLinkAt(fd)) : '',
    };
  } finally {
    closeSync(fd);
  }
}

/** Where a link leads, as an absolute path in the container. */
const targetOf = (path: string, text: string): string => resolve('/', dirname(`/${path}`), text);

function goModeOf(stat: Stats): number {
  const kinds: readonly (readonly [boolean, number])[] = [
    [stat.isDirectory(), goMode.directory],
    [stat.isSymbolicLink(), goMode.symlink],
    [stat.isBlockDevice(), goMode.device],
    [stat.isCharacterDevice(), goMode.device + goMode.characterDevice],
    [stat.isFIFO(), goMode.pipe],
    [stat.isSocket(), goMode.socket],
    [(stat.mode & 0o4000) !== 0, goMode.setuid],
    [(stat.mode & 0o2000) !== 0, goMode.setgid],
    [(stat.mode & 0o1000) !== 0, goMode.sticky],
  ];
  return kinds.reduce((sum, [is, bit]) => sum + (is ? bit : 0), stat.mode & 0o777);
}

/** The folder to unpack into, which the caller closes. @throws `notFound`, or `invalid` when it is none */
export function destinationOf(root: number, path: string): number {
  const folder = openDirectoryBeneath(root, path);
  if (folder !== undefined) return folder;
  const fd = openPathBeneath(root, path, { follow: true });
  if (fd === undefined) throw new EngineError('notFound', `Could not find the file ${path} in container`);
  closeSync(fd);
  throw invalid('extraction point is not a directory');
}

/** Nothing is written where the container itself may not. */
export function checkDestination({ hostConfig, mounts }: ContainerRecord, path: string): void {
  const clean = normalize(`/${path}`);
  const mount = mounts
    .filter(({ destination }) => clean === destination || clean.startsWith(`${destination}/`))
    .toSorted((a, b) => b.destination.length - a.destination.length)[0];
  if (mount?.rw === false) throw new EngineError('forbidden', 'mounted volume is marked read-only');
  if (mount === undefined && hostConfig.ReadonlyRootfs === true)
    throw new EngineError('forbidden', 'container rootfs is marked read-only');
}
