import { constants } from 'node:fs';
import { type Path, shown, terminated, words } from './bytes.ts';
import { AT } from './mount.ts';
import { nr } from './numbers.ts';
import { checked, sys, sysAsync, systemError } from './sys.ts';

/** Flags of open(2) that differ between processors come from Node; those that it does not have: asm-generic/fcntl.h */
export const O = {
  RDONLY: constants.O_RDONLY,
  WRONLY: constants.O_WRONLY,
  RDWR: constants.O_RDWR,
  CREAT: constants.O_CREAT,
  EXCL: constants.O_EXCL,
  TRUNC: constants.O_TRUNC,
  APPEND: constants.O_APPEND,
  NONBLOCK: constants.O_NONBLOCK,
  DIRECTORY: constants.O_DIRECTORY,
  NOFOLLOW: constants.O_NOFOLLOW,
  NOATIME: constants.O_NOATIME,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
  TMPFILE: 0o20000000 | constants.O_DIRECTORY,
} as const;

/** How openat2 walks. linux/openat2.h (RESOLVE_*) */
export const RESOLVE = {
  NO_XDEV: 0x01,
  NO_MAGICLINKS: 0x02,
  NO_SYMLINKS: 0x04,
  BENEATH: 0x08,
  IN_ROOT: 0x10,
  CACHED: 0x20,
} as const;

const EAGAIN = 11;

/**
 * Opens a path inside a tree that may be hostile, as if `root` were `/`: absolute links and `..` stay inside.
 *
 * @param flags of O; O.CLOEXEC is added. `resolve` adds to RESOLVE.IN_ROOT, RESOLVE.NO_MAGICLINKS
 * @returns a descriptor that the caller closes
 * @throws {EngineError} `internal` with the errno (ENOENT, ELOOP, EXDEV…)
 */
export function openBeneath(
  root: number,
  path: Path,
  flags: number,
  options: { readonly mode?: number; readonly resolve?: number } = {},
): number {
  const resolve = RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS | (options.resolve ?? 0);
  const how = words(flags | O.CLOEXEC, options.mode ?? 0, resolve);
  for (let tries = 0; ; tries++) {
    const result = sys(nr.openat2, root, terminated(path), how, how.byteLength);
    // A rename anywhere on the machine during a `..` step gives EAGAIN, so openat2(2) says to try again.
    if (result === -EAGAIN && tries < 128) continue;
    return checked(`openat2 ${shown(path)}`, result);
  }
}

/** openat(2), without following a final link unless the flags leave out O.NOFOLLOW themselves. */
export const openAt = (directory: number, path: Path, flags: number, mode = 0): number =>
  checked(`openat ${shown(path)}`, sys(nr.openat, directory, terminated(path), flags | O.CLOEXEC, mode));

export const mkdirAt = (directory: number, path: Path, mode: number): void => {
  checked(`mkdirat ${shown(path)}`, sys(nr.mkdirat, directory, terminated(path), mode));
};

/** Makes a node: `mode` holds the type (S_IFCHR…) and permissions. */
export function mknodAt(directory: number, path: Path, mode: number, device = 0): void {
  checked(`mknodat ${shown(path)}`, sys(nr.mknodat, directory, terminated(path), mode, device));
}

export const symlinkAt = (target: Path, directory: number, path: Path): void => {
  checked(`symlinkat ${shown(path)}`, sys(nr.symlinkat, terminated(target), directory, terminated(path)));
};

/** A hard link; a final link of `from` is linked itself, not what it points to. */
export const linkAt = (fromDirectory: number, from: Path, directory: number, path: Path): void => {
  const flags = from.length === 0 ? AT.EMPTY_PATH : 0;
  const result = sys(nr.linkat, fromDirectory, terminated(from), directory, terminated(path), flags);
  checked(`linkat ${shown(path)}`, result);
};

/** Removes a name; with `directory` set, an empty directory's. Gone already is fine. */
export function unlinkAt(
  parent: number,
  path: Path,
  kind: 'file' | 'directory' = 'file',
): 'removed' | 'absent' {
  const result = sys(nr.unlinkat, parent, terminated(path), kind === 'directory' ? AT.REMOVEDIR : 0);
  if (result === -2) return 'absent';
  checked(`unlinkat ${shown(path)}`, result);
  return 'removed';
}

/** Owner of a name itself, or of the open file when the path is empty. */
export const chownAt = (directory: number, path: Path, uid: number, gid: number): void => {
  const flags = AT.SYMLINK_NOFOLLOW | (path.length === 0 ? AT.EMPTY_PATH : 0);
  checked(`fchownat ${shown(path)}`, sys(nr.fchownat, directory, terminated(path), uid, gid, flags));
};

/** Times of a name itself, in nanoseconds since the epoch. */
export function setTimesAt(directory: number, path: Path, accessed: bigint, modified: bigint): void {
  const second = 1_000_000_000n;
  const split = (time: bigint): [bigint, bigint] => {
    const rest = ((time % second) + second) % second;
    return [(time - rest) / second, rest];
  };
  const times = words(...split(accessed), ...split(modified));
  const result = sys(nr.utimensat, directory, terminated(path), times, AT.SYMLINK_NOFOLLOW);
  checked(`utimensat ${shown(path)}`, result);
}

/** A device number as mknod and stat have it. @see linux/kdev_t.h, new_encode_dev */
export const makeDevice = (major: number, minor: number): number =>
  (minor & 0xff) + major * 0x100 + (minor - (minor & 0xff)) * 0x1000;

/** `[major, minor]` of a stat's device number. */
export const splitDevice = (device: number): [major: number, minor: number] => [
  Math.floor(device / 0x100) & 0xfff,
  (device & 0xff) | (Math.floor(device / 0x1000) & 0xfff00),
];

/** Takes a whole-file lock without waiting; it goes with the last copy of the descriptor. */
export function tryLock(fd: number, kind: 'shared' | 'exclusive'): 'locked' | 'busy' {
  const LOCK_SH = 1; // asm-generic/fcntl.h
  const LOCK_EX = 2;
  const LOCK_NB = 4;
  const result = sys(nr.flock, fd, (kind === 'shared' ? LOCK_SH : LOCK_EX) | LOCK_NB);
  if (result === -EAGAIN) return 'busy';
  checked('flock', result);
  return 'locked';
}

/** Modes of fallocate(2). linux/falloc.h (FALLOC_FL_*) */
export const FALLOCATE = {
  KEEP_SIZE: 0x01,
  PUNCH_HOLE: 0x02,
  COLLAPSE_RANGE: 0x08,
  ZERO_RANGE: 0x10,
} as const;

/** Reserves or frees blocks, on the worker pool. */
export async function fallocate(fd: number, mode: number, offset: number, length: number): Promise<void> {
  checked('fallocate', await sysAsync(nr.fallocate, fd, mode, offset, length));
}

/** linux/fadvise.h (POSIX_FADV_*) */
export const FADVISE = { NORMAL: 0, RANDOM: 1, SEQUENTIAL: 2, WILLNEED: 3, DONTNEED: 4, NOREUSE: 5 } as const;

/** Tells the page cache what will be read; length 0 is to the end. Advice: a refusal is not an error. */
export const fadvise = (fd: number, advice: number, offset = 0, length = 0): void => {
  sys(nr.fadvise64, fd, offset, length, advice);
};

/** Writes back everything of the file system that holds `fd`, on the worker pool. */
export async function syncFilesystem(fd: number): Promise<void> {
  checked('syncfs', await sysAsync(nr.syncfs, fd));
}

/** linux/fs.h (RENAME_*) */
export const RENAME = { NOREPLACE: 1, EXCHANGE: 2, WHITEOUT: 4 } as const;

/** renameat2(2). */
export function renameAt(fromDirectory: number, from: Path, directory: number, path: Path, flags = 0): void {
  const result = sys(nr.renameat2, fromDirectory, terminated(from), directory, terminated(path), flags);
  checked(`renameat2 ${shown(path)}`, result);
}

export interface FilesystemFacts {
  /** The file system's magic: see `MAGIC`. */
  readonly magic: number;
  readonly blockSize: number;
  readonly blocks: number;
  readonly blocksFree: number;
  readonly blocksAvailable: number;
  readonly inodes: number;
  readonly inodesFree: number;
  readonly flags: number;
}

/** linux/magic.h */
export const MAGIC = {
  BTRFS: 0x9123683e,
  CGROUP: 0x27e0eb,
  CGROUP2: 0x63677270,
  EROFS: 0xe0f5e1e2,
  EXT4: 0xef53,
  FUSE: 0x65735546,
  NFS: 0x6969,
  OVERLAY: 0x794c7630,
  PROC: 0x9fa0,
  TMPFS: 0x01021994,
  XFS: 0x58465342,
  ZFS: 0x2fc12fc1,
} as const;

/** The file system at a path or behind a descriptor. */
export function statFilesystem(at: Path | number): FilesystemFacts {
  const bytes = Buffer.alloc(120); // struct statfs: 64-bit words on both processors
  const result = typeof at === 'number' ? sys(nr.fstatfs, at, bytes) : sys(nr.statfs, terminated(at), bytes);
  if (result < 0) throw systemError(`statfs ${typeof at === 'number' ? at : shown(at)}`, -result);
  const word = (index: number): number => Number(bytes.readBigUInt64LE(index * 8));
  return {
    magic: word(0),
    blockSize: word(1),
    blocks: word(2),
    blocksFree: word(3),
    blocksAvailable: word(4),
    inodes: word(5),
    inodesFree: word(6),
    flags: word(10),
  };
}
