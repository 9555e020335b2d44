/* What the shim's files share: play.c makes a process from a tape, keep.c serves it, shim.c brings both together. */
#ifndef HOIST_SHIM_H
#define HOIST_SHIM_H
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include "protocol.h"

struct cursor {
  const uint8_t *at, *end;
};

struct operation {
  uint32_t code;
  struct cursor body;
};

/* tape.c */
bool tape_open(struct cursor *tape, const void *bytes, size_t size);
bool next_op(struct cursor *tape, struct operation *op);
uint16_t take_u16(struct cursor *body);
uint32_t take_u32(struct cursor *body);
uint64_t take_u64(struct cursor *body);
const char *take_string(struct cursor *body); /* "" past the end */

/* What passes between a process under way and its keeper, one packet each, on a SOCK_SEQPACKET pair. */
enum sync_type { SYNC_WARNING = 1, SYNC_FAILED, SYNC_CONSOLE, SYNC_READY };
struct sync {
  uint32_t type, op;
  int32_t error;
  char text[500];
};
enum { SYNC_NETWORK_DONE = 'n', SYNC_START = 's' }; /* to the process: one byte */

/* What the process is given by its keeper. Descriptors of the keeper's that it must not see are closed by OP_STREAMS. */
struct birth {
  struct cursor tape;
  int sync;
  int streams[3];    /* standard input, output and error; -1: /dev/null, or the terminal once it is made */
  int rootfs;        /* -1 in an exec */
  int init_pidfd;    /* of the container's init, in an exec; else -1 */
  int init_tape;     /* of the container's init, for OP_SECCOMP_OF_INIT */
  uint16_t rows, columns;
};

/* play.c */
_Noreturn void play(const struct birth *birth);

/* netlink.c: sends one datagram and awaits its acknowledgements; 0 or -errno */
int netlink_play(const uint8_t *bytes, size_t size, uint32_t fd_offset, int netns);

/* init.c: what stays as process 1 under --init */
_Noreturn void init_run(pid_t child);

/* make.c: a process under its keeper */
struct child {
  struct child *next;
  uint32_t index; /* 0 is the container's init */
  pid_t pid;
  int pidfd;
  int sync;   /* until it has started */
  int input;  /* the write end of standard input, or the terminal's master; -1: closed */
  int output[2]; /* read ends of standard output and error; under a terminal [0] is its master */
  uint32_t flags; /* enum process */
  bool ready, started, exited;
  uint32_t exit_code, exit_signal;
  int64_t exited_at, read_at;
  struct connection *asker; /* who waits for CREATED */
  uint32_t ask_id;
  uint8_t *unwritten; /* standard input that its pipe would not take yet */
  size_t unwritten_at, unwritten_size;
};

/* Clones a process that plays the tape. On failure errno and the operation to blame. */
struct child *child_make(struct cursor tape, const struct child *init, int rootfs, int init_tape, uint32_t *blame);
/* Plays OP_HOST_NETLINK for the child and lets it go on; 0 or -errno. */
int child_network(struct cursor tape, const struct child *child, int netns);
int open_namespace(pid_t pid, const char *name);
int64_t now(void);

/* logfile.c: the container's log, in frames */
struct generation { /* a log file, that readers behind may hold after it was rotated away */
  struct generation *next;
  int fd;
  uint32_t holders;
  int64_t size;
};
bool log_open(const char *path, uint64_t maximum, uint32_t files);
uint32_t log_payload(void); /* how much may be read for one frame */
/* Appends one frame. `frame` has room for the header before the payload and for the trailer after it. */
bool log_append(uint8_t *frame, uint32_t length, uint8_t stream, int64_t at);
struct generation *log_hold(void);          /* the newest, now held; NULL without a log */
struct generation *log_follow(struct generation *held); /* lets go, and holds the one after it */
void log_release(struct generation *held);
extern uint64_t log_lost;

/* shim.c: gives back the memory of the container's tape, once played */
void forget_tape(void);

/* keep.c: never returns */
_Noreturn void keep(struct cursor tape, struct child *init);
_Noreturn void report_failure(uint32_t op, int error, const char *detail);

#endif
