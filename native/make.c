/* Making a process: its streams, its clone, and what the keeper does for it meanwhile. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include "shim.h"

#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
enum { PIPE_SIZE = 262144 };

struct clone_arguments { /* the kernel's struct clone_args, as of 5.7 */
  uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int open_namespace(pid_t pid, const char *name) {
  char path[64] = "/proc/", digits[12], *end = path + 6;
  int n = 0;
  for (pid_t rest = pid; rest; rest /= 10) digits[n++] = (char)('0' + rest % 10);
  while (n) *end++ = digits[--n];
  memcpy(end, "/ns/", 5);
  strcat(end, name);
  return open(path, O_RDONLY | O_CLOEXEC);
}

static void close_all(int *fds, int count) {
  for (int i = 0; i < count; i++)
    if (fds[i] >= 0) close(fds[i]);
}

/* Pipes for what is no terminal: fds[0..2] are the child's ends, the keeper's go into `child`. */
static int make_streams(struct child *child, int *fds) {
  for (int i = 0; i < 3; i++) {
    int ends[2];
    if (child->flags & PROCESS_TERMINAL || (i == 0 && !(child->flags & PROCESS_STDIN))) continue;
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    int mine = ends[i == 0];
    fds[i] = ends[i != 0];
    fcntl(mine, F_SETFL, O_NONBLOCK);
    if (i) fcntl(mine, F_SETPIPE_SZ, PIPE_SIZE);
    if (i) child->output[i - 1] = mine;
    else child->input = mine;
  }
  return 0;
}

/* The pid namespace is for the keeper's next child: it enters it, clones, and comes back. */
static int enter_pid_namespace(struct cursor tape, const struct child *init, uint32_t *blame) {
  if (init) {
    int fd = init->pidfd;
    return setns(fd, CLONE_NEWPID);
  }
  for (struct operation op; next_op(&tape, &op);) {
    if (op.code != OP_JOIN || take_u32(&op.body) != CLONE_NEWPID) continue;
    *blame = OP_JOIN;
    int fd = open(take_string(&op.body), O_RDONLY | O_CLOEXEC);
    int result = fd < 0 ? -1 : setns(fd, CLONE_NEWPID);
    if (fd >= 0) close(fd);
    return result;
  }
  return 1;
}

/* @returns the cgroup2 directory that the tape names, -1 when it names none, -2 when it cannot be opened */
static int open_unified(struct cursor tape) {
  for (struct operation op; next_op(&tape, &op);) {
    if (op.code != OP_UNIFIED_CGROUP) continue;
    int fd = open(take_string(&op.body), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? -2 : fd;
  }
  return -1;
}

static pid_t clone_child(struct child *child, uint32_t namespaces, int cgroup) {
  int pidfd = -1;
  struct clone_arguments arguments = {
      .flags = CLONE_PIDFD | namespaces, .pidfd = (uint64_t)(uintptr_t)&pidfd, .exit_signal = SIGCHLD};
  if (cgroup >= 0) arguments.flags |= CLONE_INTO_CGROUP, arguments.cgroup = (uint64_t)cgroup;
  pid_t pid = (pid_t)syscall(SYS_clone3, &arguments, sizeof arguments);
  child->pid = pid;
  child->pidfd = pidfd;
  return pid;
}

struct child *child_make(struct cursor tape, const struct child *init, int rootfs, int init_tape, uint32_t *blame) {
  struct cursor whole = tape;
  struct operation op;
  struct child *child = calloc(1, sizeof *child);
  int fds[5] = {-1, -1, -1, -1, -1};
  *blame = OP_PROCESS;
  if (!child || !next_op(&tape, &op) || op.code != OP_PROCESS) return free(child), errno = EINVAL, NULL;
  child->flags = take_u32(&op.body);
  uint32_t namespaces = take_u32(&op.body);
  child->input = child->output[0] = child->output[1] = child->pidfd = child->sync = -1;
  struct birth birth = {.tape = whole, .rootfs = rootfs, .init_pidfd = init ? init->pidfd : -1, .init_tape = init_tape};
  birth.rows = take_u16(&op.body);
  birth.columns = take_u16(&op.body);
  int home = -1, entered = 1, cgroup = -1;
  if (make_streams(child, fds) < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds + 3) < 0) goto failed;
  home = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
  if (home < 0 || (entered = enter_pid_namespace(whole, init, blame)) < 0) goto failed;
  *blame = OP_UNIFIED_CGROUP;
  if ((cgroup = open_unified(whole)) == -2) goto failed;
  if (cgroup < 0) *blame = OP_PROCESS;
  birth.sync = fds[4];
  memcpy(birth.streams, fds, sizeof birth.streams);
  pid_t pid = clone_child(child, namespaces, cgroup);
  if (pid == 0) play(&birth);
  int error = errno;
  if (entered == 0 && setns(home, CLONE_NEWPID) < 0) error = errno, pid = -1;
  close_all((int[]){home, cgroup}, 2);
  errno = error;
  home = cgroup = -1;
  if (pid < 0) goto failed;
  child->sync = fds[3];
  fds[3] = -1;
  fcntl(child->sync, F_SETFL, O_NONBLOCK);
  close_all(fds, 5);
  return child;
failed:
  error = errno;
  close_all(fds, 5);
  close_all((int[]){home, child->input, child->output[0], child->output[1], child->pidfd}, 5);
  free(child);
  errno = error;
  return NULL;
}

int child_network(struct cursor tape, const struct child *child, int netns) {
  int result = 0;
  for (struct operation op; !result && next_op(&tape, &op);) {
    if (op.code != OP_HOST_NETLINK) continue;
    uint32_t offset = take_u32(&op.body);
    result = netlink_play(op.body.at, (size_t)(op.body.end - op.body.at), offset, netns);
  }
  char done = SYNC_NETWORK_DONE;
  if (!result) send(child->sync, &done, 1, MSG_NOSIGNAL);
  return result;
}
