/** What native/cli-host.c gives: the kernel's calls and UTF-8. Arguments of `sys` are as in `#linux/sys.ts`. */
export interface Host {
  sys(number: number, ...args: (number | string | ArrayBuffer | ArrayBufferView | null)[]): number;
  address(bytes: ArrayBuffer | ArrayBufferView): number;
  encode(text: string): ArrayBuffer;
  decode(bytes: ArrayBuffer | ArrayBufferView): string;
  /** Pid or -errno; `fds[i]` becomes the child's descriptor i. */
  spawn(path: string, argv: readonly string[], env: readonly string[], fds: readonly number[]): number;
  /** Becomes another program; returns only when it cannot, with -errno. */
  execute(path: string, argv: readonly string[], env: readonly string[]): number;
  /** A directory's entries: kinds, paths and rows (`FolderListing`), or -errno. Both paths end in a zero byte. */
  list(path: Uint8Array, prefix: Uint8Array): readonly [string, string, string] | number;
  /** Takes bytes into a SHA-256; a length below 0 ends it. `state` is 104 bytes. */
  sha256(state: Uint32Array, bytes: ArrayBufferView, length: number): void;
  readonly args: readonly string[];
  readonly env: readonly string[];
  /** Called when no job is left to run; false ends the process. */
  turn?: () => boolean;
}

export const host: Host = (globalThis as unknown as { host: Host }).host;

type Name = keyof typeof x64;

/** System call numbers: asm/unistd_64.h. */
const x64 = {
  read: 0,
  write: 1,
  close: 3,
  lseek: 8,
  ioctl: 16,
  access: 21,
  socket: 41,
  connect: 42,
  sendto: 44,
  recvfrom: 45,
  shutdown: 48,
  exit: 60,
  wait4: 61,
  kill: 62,
  uname: 63,
  fcntl: 72,
  rename: 82,
  mkdir: 83,
  unlink: 87,
  getpid: 39,
  getcwd: 79,
  ppoll: 271,
  openat: 257,
  newfstatat: 262,
  signalfd4: 289,
  pipe2: 293,
  pwritev2: 328,
  rt_sigprocmask: 14,
  memfd_create: 319,
  sendfile: 40,
  readlink: 89,
  fsync: 74,
};

/** The same for arm64, asm-generic/unistd.h; what it lacks goes by its `at` twin in `call`. */
const arm64: Record<Name, number> = {
  read: 63,
  write: 64,
  close: 57,
  lseek: 62,
  ioctl: 29,
  access: 48,
  socket: 198,
  connect: 203,
  sendto: 206,
  recvfrom: 207,
  shutdown: 210,
  exit: 93,
  wait4: 260,
  kill: 129,
  uname: 160,
  fcntl: 25,
  rename: 38,
  mkdir: 34,
  unlink: 35,
  getpid: 172,
  getcwd: 17,
  ppoll: 73,
  openat: 56,
  newfstatat: 79,
  signalfd4: 74,
  pipe2: 59,
  pwritev2: 287,
  rt_sigprocmask: 135,
  memfd_create: 279,
  sendfile: 71,
  readlink: 78,
  fsync: 82,
};

/** uname's machine field: the fifth of 65 bytes each (struct new_utsname, linux/utsname.h). */
export const machine: string = (() => {
  const names = new Uint8Array(6 * 65);
  // both numbers are tried: the wrong one is some other harmless call or ENOSYS, and leaves the buffer empty
  if (host.sys(x64.uname, names) !== 0 || names[0] !== 0x4c) host.sys(arm64.uname, names);
  const field = names.subarray(4 * 65, 5 * 65);
  return host.decode(field.subarray(0, field.indexOf(0)));
})();

const numbers = machine === 'aarch64' ? arm64 : x64;
const atFdCwd = -100;

/** A system call by name: its result, or -errno. */
export function call(
  name: Name,
  ...args: Parameters<Host['sys']> extends [number, ...infer Rest] ? Rest : never
): number {
  if (numbers === arm64 && ['access', 'mkdir', 'unlink', 'readlink'].includes(name)) {
    return host.sys(numbers[name], atFdCwd, ...args);
  }
  if (numbers === arm64 && name === 'rename')
    return host.sys(numbers.rename, atFdCwd, args[0]!, atFdCwd, args[1]!);
  return host.sys(numbers[name], ...args);
}

const errorNames: Record<number, [string, string]> = {
  1: ['EPERM', 'operation not permitted'],
  2: ['ENOENT', 'no such file or directory'],
  9: ['EBADF', 'bad file descriptor'],
  13: ['EACCES', 'permission denied'],
  17: ['EEXIST', 'file exists'],
  20: ['ENOTDIR', 'not a directory'],
  21: ['EISDIR', 'is a directory'],
  28: ['ENOSPC', 'no space left on device'],
  30: ['EROFS', 'read-only file system'],
  32: ['EPIPE', 'broken pipe'],
  36: ['ENAMETOOLONG', 'file name too long'],
  104: ['ECONNRESET', 'connection reset by peer'],
  111: ['ECONNREFUSED', 'connection refused'],
};

/** A failed call as an error with the `code` and `syscall` that Node gives. */
export function failure(syscall: string, result: number, path?: string): Error {
  const [code, text] = errorNames[-result] ?? [`E${-result}`, `error ${-result}`];
  const message = `${code}: ${text}, ${syscall}${path === undefined ? '' : ` '${path}'`}`;
  return Object.assign(new Error(message), { code, errno: result, syscall, path });
}

/** The result of a call that must succeed. */
export function checked(syscall: string, result: number, path?: string): number {
  if (result < 0) throw failure(syscall, result, path);
  return result;
}
