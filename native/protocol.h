/*
 * What the daemon and the shim say to one another. src/runtime/protocol.ts mirrors every number here; a test compares.
 *
 * All integers are little-endian. A string is its bytes and a NUL.
 *
 * 1. The tape: what the shim does to make one process. `struct tape_header`, then operations back to back, each a
 *    `struct op_header`, `length` bytes, and zeros up to a multiple of 8. Operations are played in their order: those
 *    marked K by the keeper before and while the process is made, the others by the process itself on its way to exec.
 *
 * 2. Messages, on the socket pair that the shim is born with and on connections to <directory>/shim.sock: a
 *    `struct message_header` and `length` bytes. A reply carries its request's id. After the reply to ATTACH a
 *    connection is a raw stream: output to the daemon (under no terminal in Docker's frames: stream, 0, 0, 0, big-endian
 *    length), standard input to the shim.
 *
 * 3. The log: frames of `struct log_header`, the payload of one read, and the payload's length again, so that a reader
 *    can go backwards.
 */
#ifndef HOIST_PROTOCOL_H
#define HOIST_PROTOCOL_H
#include <stdint.h>

enum protocol {
  PROTOCOL_TAPE_MAGIC = 0x45504154, /* "TAPE" */
  PROTOCOL_VERSION = 1,
  PROTOCOL_MAX_MESSAGE = 1048576,
  PROTOCOL_MAX_PAYLOAD = 65536,
};

/* The descriptors that the shim is born with; 0, 1 and 2 are /dev/null. */
enum born {
  BORN_CONTROL = 3,
  BORN_TAPE = 4,
  BORN_ROOTFS = 5,
};

enum op {
  OP_PROCESS = 1,        /* K u32 process flags, u32 clone flags, u16 rows, u16 columns, string directory ('' in an exec) */
  OP_LOG = 2,            /* K u64 maximum bytes of one file or 0, u32 files, string path */
  OP_JOIN = 3,           /* K u32 namespace (CLONE_NEW…), string path; pid by the keeper, others by the process */
  OP_HOST_NETLINK = 4,   /* K u32 offset of the netns descriptor or 0xffffffff, the datagram */
  OP_CGROUP = 5,         /* string path of a version 1 group's tasks: a thread that moves itself waits for nobody */
  OP_UNSHARE = 6,        /* u32 namespaces to make now, once the cgroups are joined */
  OP_ENTER = 7,          /* u32 namespaces of the container's init to enter */
  OP_ROOTFS = 8,         /* string path of a directory where the root's mount may be put */
  OP_MOUNT = 9,          /* u64 attributes, u64 propagation, u32 mount flags, string type, target, then option strings */
  OP_BIND = 10,          /* u64 attributes set, u64 cleared, u64 propagation, u32 mount flags, string source, target, and the
                            path of the source's mount namespace, '' for the host's */
  OP_DEVICE = 11,        /* u32 mode with type, u32 major, u32 minor, u32 uid, u32 gid, string path */
  OP_SYMLINK = 12,       /* string content, path */
  OP_CONSOLE = 13,       /* u32 uid: makes the terminal, its master for the keeper; bound to /dev/console in an init */
  OP_PIVOT = 14,         /* the root becomes / and the host's mounts go */
  OP_HOSTNAME = 15,      /* string */
  OP_DOMAINNAME = 16,    /* string */
  OP_NETWORK = 17,       /* waits until the keeper has played every OP_HOST_NETLINK */
  OP_INNER_NETLINK = 18, /* the datagram */
  OP_SYSCTL = 19,        /* string path beneath /proc/sys, value */
  OP_ATTRIBUTES = 20,    /* u64 attributes to set, u64 propagation, string path of a mount in the root */
  OP_READONLY = 21,      /* string path */
  OP_MASK = 22,          /* string path */
  OP_MAKE_DIRECTORY = 23,/* string path in the root */
  OP_OOM_SCORE = 24,     /* i32; before the host's mounts go */
  OP_RLIMIT = 25,        /* u32 resource, u32 0, u64 soft, u64 hard, string name */
  OP_STREAMS = 26,       /* u32 uid: standard streams in place and given to uid, everything else closed */
  OP_UMASK = 27,         /* u32 */
  OP_NO_NEW_PRIVILEGES = 28,
  OP_SECCOMP = 29,       /* struct sock_filter[] */
  OP_SECCOMP_OF_INIT = 30,/* the one that the container's init was given, if any */
  OP_USER = 31,          /* u32 uid, gid, then additional gids */
  OP_BOUNDING = 32,      /* u64 capabilities to keep in the bounding set */
  OP_CAPABILITIES = 33,  /* u64 effective, permitted, inheritable, ambient */
  OP_DIRECTORY = 34,     /* string: chdir, once the user is in place */
  OP_PROGRAM = 35,       /* u32 0, then candidate paths: the first that can be executed is the program */
  OP_WAIT = 36,          /* all is well; waits for START */
  OP_EXEC = 37,          /* u32 exec flags, u32 arguments, u32 variables, then their strings */
  OP_UNIFIED_CGROUP = 39, /* K string path of a cgroup2 directory that the process is born in */
  OP_LABEL = 38,         /* string attribute beneath /proc/self/attr, string label for the coming exec */
};

enum process {
  PROCESS_STDIN = 1,      /* standard input is a pipe, else /dev/null */
  PROCESS_STDIN_ONCE = 2, /* the end of an attach that had it closes it */
  PROCESS_TERMINAL = 4,
};

enum mountflag {
  MOUNTFLAG_RECURSIVE = 1,            /* the bind takes what is mounted beneath the source */
  MOUNTFLAG_RECURSIVE_ATTRIBUTES = 2, /* attributes are for those too */
  MOUNTFLAG_RECURSIVE_PROPAGATION = 4,
  MOUNTFLAG_OPTIONAL = 8,             /* a source or file system that is not there is no error */
  MOUNTFLAG_IN_PROC = 16,             /* the target may be in /proc, where else nothing is mounted over */
};

enum execflag {
  EXECFLAG_INIT = 1, /* the process stays as a minimal init, and its child executes */
};

struct tape_header {
  uint32_t magic, version;
  uint64_t length; /* of the operations */
};

struct op_header {
  uint32_t op, length;
};

struct message_header {
  uint32_t length, type, id;
};

enum message {
  /* to the shim; process 0 is the container's init */
  MESSAGE_START = 1,   /* u32 process -> RESULT */
  MESSAGE_SIGNAL = 2,  /* u32 process, u32 signal -> RESULT, ESRCH when it has ended */
  MESSAGE_RESIZE = 3,  /* u32 process, u16 rows, u16 columns -> RESULT */
  MESSAGE_EXEC = 4,    /* a tape -> WARNING…, CREATED or FAILED */
  MESSAGE_ATTACH = 5,  /* u32 process, u32 attach flags -> RESULT, then the stream; with a descriptor (SCM_RIGHTS) the
                          stream is there, and the connection goes on as it is */
  MESSAGE_WATCH = 6,   /* -> STATE; from now on EXITED comes on this connection, as it does on the born one */
  MESSAGE_RELEASE = 7, /* kills what is left -> RESULT once its namespaces are let go; the shim ends when all is sent */
  /* from the shim */
  MESSAGE_RESULT = 16,  /* i32 errno or 0 */
  MESSAGE_CREATED = 17, /* u32 process, u32 pid */
  MESSAGE_FAILED = 18,  /* u32 op, i32 errno, string detail */
  MESSAGE_WARNING = 19, /* u32 op, i32 errno, string detail */
  MESSAGE_EXITED = 20,  /* u32 process, u32 exit code, u32 signal or 0, u32 0, i64 unix nanoseconds; id 0 */
  MESSAGE_STATE = 21,   /* u32 state, u32 pid, i64 started at in unix nanoseconds, u64 log bytes lost, u32 shim's pid, u32 0 */
};

enum attach {
  ATTACH_STDIN = 1,
  ATTACH_STDOUT = 2,
  ATTACH_STDERR = 4,
};

enum state {
  STATE_CREATED = 1,
  STATE_RUNNING = 2,
  STATE_EXITED = 3,
};

enum log {
  LOG_HEADER_BYTES = 16,
  LOG_TRAILER_BYTES = 4,
  LOG_STDOUT = 1,
  LOG_STDERR = 2,
  LOG_PARTIAL = 1, /* flag: the payload does not end in a newline */
};

struct log_header {
  uint32_t length; /* of the payload, at most PROTOCOL_MAX_PAYLOAD; again as u32 after it */
  uint8_t stream, flags;
  uint16_t zero;
  int64_t nanoseconds; /* unix time of the read */
};

#endif
