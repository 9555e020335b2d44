import { type BigIntStats, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import {
  type ByteString,
  type EntryTime,
  type EntryType,
  fromBytes,
  noXattrs,
  toBytes,
} from '#archive/tar-entry.ts';
import type { NewEntry } from '#archive/write-tar.ts';
import { EngineError } from '#base/errors.ts';
import { getXattr, listXattrs, O, openBeneath, RESOLVE, splitDevice } from '#linux/index.ts';

/**
 * Files of a tree that someone hostile may be changing: each is reached by an open directory and one name, so that no
 * link is ever followed.
 */
export type FileStat = BigIntStats;

/** A name in an open directory, as a path. */
export const within = (directory: number, name: ByteString): Buffer =>
  Buffer.concat([Buffer.from(`/proc/self/fd/${directory}/`), toBytes(name)]);

/** The names in an open directory, in order of their bytes. */
export const namesIn = (directory: number): ByteString[] =>
  readdirSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' }).map(fromBytes).sort();

/** What is at a name now; undefined when nothing is (any more). */
export function statAt(directory: number, name: ByteString): FileStat | undefined {
  try {
    return lstatSync(within(directory, name), { bigint: true });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const absences = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ESTALE']);

/** Whether an error means that the file was not there, or is not what it was. */
export function isAbsent(error: unknown): boolean {
  if (error instanceof EngineError) return [2, 20, 40, 116].includes(error.errno ?? 0);
  return absences.has((error as NodeJS.ErrnoException).code ?? '');
}

/** Opens a directory by its path beneath a root, no link on the way followed; undefined when it is none (any more). */
export function openDirectory(root: number, path: ByteString): number | undefined {
  try {
    const flags = O.RDONLY | O.DIRECTORY | O.NOFOLLOW;
    return openBeneath(root, path === '' ? '.' : toBytes(path), flags, { resolve: RESOLVE.NO_SYMLINKS });
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

const types: readonly (readonly [(stat: FileStat | Stats) => boolean, EntryType])[] = [
  [(stat) => stat.isFile(), 'file'],
  [(stat) => stat.isDirectory(), 'directory'],
  [(stat) => stat.isSymbolicLink(), 'symlink'],
  [(stat) => stat.isCharacterDevice(), 'charDevice'],
  [(stat) => stat.isBlockDevice(), 'blockDevice'],
  [(stat) => stat.isFIFO(), 'fifo'],
];

/** A file's type as a tar has it; a socket has none. */
export const typeOf = (stat: FileStat): EntryType | undefined => types.find(([is]) => is(stat))?.[1];

/** overlayfs's mark for a name that is not there: a character device 0:0. */
export const isWhiteout = (stat: FileStat): boolean => stat.isCharacterDevice() && stat.rdev === 0n;

/** What a tar would say of the file; undefined for a socket, and for what has gone. */
export function entryAt(
  directory: number,
  name: ByteString,
  stat: FileStat,
  tarName: ByteString,
): NewEntry | undefined {
  const type = typeOf(stat);
  if (type === undefined) return undefined;
  const [major, minor] = type.endsWith('Device') ? splitDevice(Number(stat.rdev)) : [0, 0];
  try {
    return {
      name: type === 'directory' ? `${tarName}/` : tarName,
      type,
      mode: Number(stat.mode) & 0o7777,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      modified: timeOf(stat.mtimeNs),
      size: type === 'file' ? Number(stat.size) : 0,
      linkName:
        type === 'symlink' ? fromBytes(readlinkSync(within(directory, name), { encoding: 'buffer' })) : '',
      major,
      minor,
      xattrs: keptXattrs(within(directory, name)),
    };
  } catch (error) {
    if (isAbsent(error) || (error as NodeJS.ErrnoException).code === 'EINVAL') return undefined; // no link any more
    throw error;
  }
}

const second = 1_000_000_000n;

function timeOf(nanoseconds: bigint): EntryTime {
  const part = ((nanoseconds % second) + second) % second;
  return { seconds: Number((nanoseconds - part) / second), nanoseconds: Number(part) };
}

/** Attributes that belong to the file, not to this machine: capabilities and the user's own. */
export const isKeptXattr = (name: ByteString): boolean =>
  name === 'security.capability' || (name.startsWith('user.') && !name.startsWith('user.overlay.'));

function keptXattrs(path: Buffer): ReadonlyMap<ByteString, Buffer> {
  const names = listXattrs(path).map(fromBytes).filter(isKeptXattr);
  if (names.length === 0) return noXattrs;
  return new Map(
    names.flatMap((name) => {
      const value = getXattr(path, toBytes(name));
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}
