import { closeSync, readSync } from 'node:fs';
import { EngineError } from '#base/errors.ts';
import { type Path, shown, terminated, words } from './bytes.ts';
import { nr } from './numbers.ts';
import { checked, errnoName, sys } from './sys.ts';

/** The working directory, or no directory where a call takes one. linux/fcntl.h */
export const AT_FDCWD = -100;
/** linux/fcntl.h */
export const AT = {
  SYMLINK_NOFOLLOW: 0x100,
  REMOVEDIR: 0x200,
  SYMLINK_FOLLOW: 0x400,
  EMPTY_PATH: 0x1000,
  RECURSIVE: 0x8000,
} as const;

/** Flags of mount(2). linux/mount.h */
export const MS = {
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  SYNCHRONOUS: 16,
  REMOUNT: 32,
  MANDLOCK: 64,
  DIRSYNC: 128,
  NOSYMFOLLOW: 256,
  NOATIME: 1024,
  NODIRATIME: 2048,
  BIND: 4096,
  MOVE: 8192,
  REC: 16384,
  SILENT: 32768,
  UNBINDABLE: 1 << 17,
  PRIVATE: 1 << 18,
  SLAVE: 1 << 19,
  SHARED: 1 << 20,
  RELATIME: 1 << 21,
  STRICTATIME: 1 << 24,
  LAZYTIME: 1 << 25,
} as const;

/** Flags of umount2(2). linux/fs.h (MNT_*, UMOUNT_NOFOLLOW) */
export const MNT = { FORCE: 1, DETACH: 2, EXPIRE: 4, NOFOLLOW: 8 } as const;

/** Attributes of a mount, for fsmount and mountSetattr. linux/mount.h (MOUNT_ATTR_*) */
export const MOUNT_ATTR = {
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  NOATIME: 0x10,
  STRICTATIME: 0x20,
  /** The mask that holds the atime choices; relatime is 0. */
  ATIME: 0x70,
  NODIRATIME: 0x80,
  IDMAP: 0x10_0000,
  NOSYMFOLLOW: 0x20_0000,
} as const;

/** linux/mount.h */
const FSOPEN_CLOEXEC = 1;
const FSMOUNT_CLOEXEC = 1;
const FSPICK_CLOEXEC = 1;
const FSPICK_EMPTY_PATH = 8;
const OPEN_TREE_CLONE = 1;
const OPEN_TREE_CLOEXEC = 0o2000000;
const MOVE_MOUNT_F_EMPTY_PATH = 0x4;
const MOVE_MOUNT_T_EMPTY_PATH = 0x40;
const FSCONFIG = { SET_FLAG: 0, SET_STRING: 1, SET_FD: 5, CREATE: 6, RECONFIGURE: 7 } as const;

/** Opens a context for a new file system of this type: its fd, which the caller closes. */
export const fsopen = (type: string): number =>
  checked(`fsopen ${type}`, sys(nr.fsopen, type, FSOPEN_CLOEXEC));

/** Opens a context for changing the mounted file system that `fd` is in. */
export const fspick = (fd: number): number =>
  checked('fspick', sys(nr.fspick, fd, '', FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));

/** Sets `key=value`. */
export const fsconfigString = (context: number, key: string, value: Path): void =>
  configure(context, FSCONFIG.SET_STRING, key, value, 0);

/** Sets the bare option `key`. */
export const fsconfigFlag = (context: number, key: string): void =>
  configure(context, FSCONFIG.SET_FLAG, key, null, 0);

/** Sets `key` to an open file: a detached mount as overlayfs's `lowerdir+` (kernel 6.15), for one. */
export const fsconfigFd = (context: number, key: string, fd: number): void =>
  configure(context, FSCONFIG.SET_FD, key, null, fd);

/** Makes the file system of the options set. */
export const fsconfigCreate = (context: number): void => configure(context, FSCONFIG.CREATE, null, null, 0);

/** A detached mount of the file system that was created: in no namespace, gone with its fd. `attributes` of MOUNT_ATTR. */
export const fsmount = (context: number, attributes = 0): number =>
  checked('fsmount', sys(nr.fsmount, context, FSMOUNT_CLOEXEC, attributes));

/** An option of a new file system: a pair, or a bare word. A number is an open file's descriptor. */
export type FilesystemOption = string | readonly [key: string, value: Path | number];

/** All of the above at once: a detached mount of a new file system. @throws what the kernel's own message says, with errno */
export function mountDetached(type: string, options: readonly FilesystemOption[], attributes = 0): number {
  const context = fsopen(type);
  try {
    for (const option of options) setOption(context, option);
    fsconfigCreate(context);
    return fsmount(context, attributes);
  } finally {
    closeSync(context);
  }
}

function setOption(context: number, option: FilesystemOption): void {
  if (typeof option === 'string') fsconfigFlag(context, option);
  else if (typeof option[1] === 'number') fsconfigFd(context, option[0], option[1]);
  else fsconfigString(context, option[0], option[1]);
}

function configure(
  context: number,
  command: number,
  key: string | null,
  value: Path | null,
  aux: number,
): void {
  const result = sys(nr.fsconfig, context, command, key, value === null ? null : terminated(value), aux);
  if (result >= 0) return;
  const what = key === null ? 'fsconfig' : `fsconfig ${key}${value === null ? '' : `=${shown(value)}`}`;
  const said = messages(context).join(', ');
  const text = `${what}: ${errnoName(-result)}${said && ` (${said})`}`;
  throw new EngineError('internal', text, { errno: -result, syscall: 'fsconfig' });
}

/** What the kernel has to say on a context since last asked: errors and warnings, without their `e ` or `w `. */
function messages(context: number): string[] {
  const found: string[] = [];
  const line = Buffer.alloc(1024);
  try {
    for (;;) found.push(line.toString('utf8', 2, readSync(context, line)).trim());
  } catch {
    return found; // ENODATA: no more
  }
}

/**
 * The mount at a path. `clone` makes a detached copy (a bind mount not yet put anywhere), else the fd stands for the
 * place itself; `recursive` copies the mounts beneath it too.
 */
export function openTree(
  directory: number,
  path: Path,
  options: { readonly clone?: boolean; readonly recursive?: boolean; readonly noFollow?: boolean } = {},
): number {
  const flags =
    OPEN_TREE_CLOEXEC |
    (options.clone ? OPEN_TREE_CLONE : 0) |
    (options.recursive ? AT.RECURSIVE : 0) |
    (options.noFollow ? AT.SYMLINK_NOFOLLOW : 0) |
    (path.length === 0 ? AT.EMPTY_PATH : 0);
  return checked(`open_tree ${shown(path)}`, sys(nr.open_tree, directory, terminated(path), flags));
}

/** Puts a detached mount at `path` beneath `directory` (an empty path: at `directory` itself). Final links are not followed. */
export function moveMount(mount: number, directory: number, path: Path): void {
  const flags = MOVE_MOUNT_F_EMPTY_PATH | (path.length === 0 ? MOVE_MOUNT_T_EMPTY_PATH : 0);
  checked(`move_mount ${shown(path)}`, sys(nr.move_mount, mount, '', directory, terminated(path), flags));
}

/** Changes a mount's attributes (MOUNT_ATTR) and propagation (MS.PRIVATE and the like); all mounts beneath when `recursive`. */
export function mountSetattr(
  mount: number,
  change: {
    readonly set?: number;
    readonly clear?: number;
    readonly propagation?: number;
    readonly usernsFd?: number;
    readonly recursive?: boolean;
  },
): void {
  const attributes = words(change.set ?? 0, change.clear ?? 0, change.propagation ?? 0, change.usernsFd ?? 0);
  const flags = AT.EMPTY_PATH | (change.recursive ? AT.RECURSIVE : 0);
  checked('mount_setattr', sys(nr.mount_setattr, mount, '', flags, attributes, attributes.byteLength));
}

/** mount(2), in the daemon's own namespace. */
export function mount(
  source: Path | null,
  target: Path,
  type: string | null,
  flags = 0,
  data: string | null = null,
): void {
  const from = source === null ? null : terminated(source);
  checked(`mount ${shown(target)}`, sys(nr.mount, from, terminated(target), type, flags, data));
}

/** Unmounts; where nothing is mounted (any more) it says so. */
export function unmount(target: Path, flags: number = MNT.DETACH | MNT.NOFOLLOW): 'unmounted' | 'notMounted' {
  const result = sys(nr.umount2, terminated(target), flags);
  if (result === -22 || result === -2) return 'notMounted'; // EINVAL, ENOENT
  checked(`umount ${shown(target)}`, result);
  return 'unmounted';
}
