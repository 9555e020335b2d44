/**
 * What the daemon and the shim say to one another: the numbers of native/protocol.h, which says what each means and
 * what its body holds. A test compares the two.
 */

export const PROTOCOL = {
  TAPE_MAGIC: 0x45504154,
  VERSION: 1,
  MAX_MESSAGE: 1048576,
  MAX_PAYLOAD: 65536,
} as const;

/** The descriptors that the shim is born with. */
export const BORN = { CONTROL: 3, TAPE: 4, ROOTFS: 5 } as const;

export const OP = {
  PROCESS: 1,
  LOG: 2,
  JOIN: 3,
  HOST_NETLINK: 4,
  CGROUP: 5,
  UNSHARE: 6,
  ENTER: 7,
  ROOTFS: 8,
  MOUNT: 9,
  BIND: 10,
  DEVICE: 11,
  SYMLINK: 12,
  CONSOLE: 13,
  PIVOT: 14,
  HOSTNAME: 15,
  DOMAINNAME: 16,
  NETWORK: 17,
  INNER_NETLINK: 18,
  SYSCTL: 19,
  ATTRIBUTES: 20,
  READONLY: 21,
  MASK: 22,
  MAKE_DIRECTORY: 23,
  OOM_SCORE: 24,
  RLIMIT: 25,
  STREAMS: 26,
  UMASK: 27,
  NO_NEW_PRIVILEGES: 28,
  SECCOMP: 29,
  SECCOMP_OF_INIT: 30,
  USER: 31,
  BOUNDING: 32,
  CAPABILITIES: 33,
  DIRECTORY: 34,
  PROGRAM: 35,
  WAIT: 36,
  EXEC: 37,
  LABEL: 38,
  UNIFIED_CGROUP: 39,
} as const;

export type OpName = keyof typeof OP;

export const PROCESS = { STDIN: 1, STDIN_ONCE: 2, TERMINAL: 4 } as const;

export const MOUNTFLAG = {
  RECURSIVE: 1,
  RECURSIVE_ATTRIBUTES: 2,
  RECURSIVE_PROPAGATION: 4,
  OPTIONAL: 8,
  IN_PROC: 16,
} as const;

export const EXECFLAG = { INIT: 1 } as const;

export const MESSAGE = {
  START: 1,
  SIGNAL: 2,
  RESIZE: 3,
  EXEC: 4,
  ATTACH: 5,
  WATCH: 6,
  RELEASE: 7,
  RESULT: 16,
  CREATED: 17,
  FAILED: 18,
  WARNING: 19,
  EXITED: 20,
  STATE: 21,
} as const;

export const ATTACH = { STDIN: 1, STDOUT: 2, STDERR: 4 } as const;

export const STATE = { CREATED: 1, RUNNING: 2, EXITED: 3 } as const;

/** The log's frames: a header of {u32 length, u8 stream, u8 flags, u16 0, i64 nanoseconds}, the payload, u32 length. */
export const LOG = { HEADER_BYTES: 16, TRAILER_BYTES: 4, STDOUT: 1, STDERR: 2, PARTIAL: 1 } as const;
