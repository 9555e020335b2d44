import { arch } from 'node:process';
import { EngineError } from '#base/errors.ts';

/**
 * The system calls that Hoist makes, as `[x86_64, arm64]`.
 *
 * @see arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h
 */
export const numbers = {
  read: [0, 63],
  write: [1, 64],
  close: [3, 57],
  ioctl: [16, 29],
  pread64: [17, 67],
  pwrite64: [18, 68],
  sendfile: [40, 71],
  socket: [41, 198],
  connect: [42, 203],
  accept4: [288, 242],
  sendto: [44, 206],
  recvfrom: [45, 207],
  sendmsg: [46, 211],
  recvmsg: [47, 212],
  shutdown: [48, 210],
  bind: [49, 200],
  listen: [50, 201],
  getsockname: [51, 204],
  socketpair: [53, 199],
  setsockopt: [54, 208],
  getsockopt: [55, 209],
  wait4: [61, 260],
  kill: [62, 129],
  uname: [63, 160],
  fcntl: [72, 25],
  flock: [73, 32],
  fsync: [74, 82],
  ftruncate: [77, 46],
  fchmod: [91, 52],
  fchown: [93, 55],
  sysinfo: [99, 179],
  statfs: [137, 43],
  fstatfs: [138, 44],
  pivot_root: [155, 41],
  prctl: [157, 167],
  sync: [162, 81],
  mount: [165, 40],
  umount2: [166, 39],
  quotactl: [179, 60],
  setxattr: [188, 5],
  lsetxattr: [189, 6],
  fsetxattr: [190, 7],
  getxattr: [191, 8],
  lgetxattr: [192, 9],
  fgetxattr: [193, 10],
  listxattr: [194, 11],
  llistxattr: [195, 12],
  flistxattr: [196, 13],
  removexattr: [197, 14],
  lremovexattr: [198, 15],
  fremovexattr: [199, 16],
  getdents64: [217, 61],
  fadvise64: [221, 223],
  waitid: [247, 95],
  inotify_add_watch: [254, 27],
  openat: [257, 56],
  mkdirat: [258, 34],
  mknodat: [259, 33],
  fchownat: [260, 54],
  unlinkat: [263, 35],
  linkat: [265, 37],
  symlinkat: [266, 36],
  readlinkat: [267, 78],
  ppoll: [271, 73],
  unshare: [272, 97],
  sync_file_range: [277, 84],
  utimensat: [280, 88],
  fallocate: [285, 47],
  eventfd2: [290, 19],
  dup3: [292, 24],
  pipe2: [293, 59],
  inotify_init1: [294, 26],
  prlimit64: [302, 261],
  name_to_handle_at: [303, 264],
  open_by_handle_at: [304, 265],
  syncfs: [306, 267],
  setns: [308, 268],
  finit_module: [313, 273],
  renameat2: [316, 276],
  seccomp: [317, 277],
  memfd_create: [319, 279],
  bpf: [321, 280],
  copy_file_range: [326, 285],
  statx: [332, 291],
  pidfd_send_signal: [424, 424],
  open_tree: [428, 428],
  move_mount: [429, 429],
  fsopen: [430, 430],
  fsconfig: [431, 431],
  fsmount: [432, 432],
  fspick: [433, 433],
  pidfd_open: [434, 434],
  clone3: [435, 435],
  close_range: [436, 436],
  openat2: [437, 437],
  pidfd_getfd: [438, 438],
  mount_setattr: [442, 442],
} as const satisfies Record<string, readonly [number, number]>;

export type SystemCall = keyof typeof numbers;

const column = { x64: 0, arm64: 1 }[arch as string];

/** This machine's number for each system call. @throws {EngineError} `unsupported` on other processors, at load */
export const nr: Readonly<Record<SystemCall, number>> = Object.fromEntries(
  Object.entries(numbers).map(([name, pair]) => [name, pair[knownColumn()]]),
) as Record<SystemCall, number>;

function knownColumn(): 0 | 1 {
  if (column === 0 || column === 1) return column;
  throw new EngineError(
    'unsupported',
    `Cannot make system calls on ${arch}: only x86_64 and arm64 are known`,
  );
}
