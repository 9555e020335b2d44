/*
 * hoist-shim: becomes a container's first process, and its keeper.
 *
 * It is born with the descriptors of `enum born`, reads one tape, plays it (make.c, play.c), and stays (keep.c). It
 * decides nothing: what to do is in the tape and in messages (protocol.h). It outlives the daemon that started it.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include "shim.h"

/* A container's process must not reach this one: neither its memory nor, by /proc/<pid>/exe, its program. */
static void harden(void) {
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  for (const int *s = (const int[]){SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE, 0}; *s; s++) signal(*s, SIG_IGN);
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd >= 0 && write(fd, "-999", 4) < 0) errno = 0; /* without the right to, it stays as it is */
  if (fd >= 0) close(fd);
}

static const char *read_settings(struct cursor tape) {
  const char *directory = "";
  for (struct operation op; next_op(&tape, &op);) {
    if (op.code == OP_PROCESS) {
      op.body.at += 12;
      directory = take_string(&op.body);
    } else if (op.code == OP_LOG) {
      uint64_t maximum = take_u64(&op.body);
      uint32_t files = take_u32(&op.body);
      const char *path = take_string(&op.body);
      if (!log_open(path, maximum, files)) report_failure(OP_LOG, errno, path);
    }
  }
  return directory;
}

static void *tape_bytes;
static size_t tape_size;

void forget_tape(void) { munmap(tape_bytes, tape_size); }

int main(void) {
  struct stat status;
  struct cursor tape;
  for (int fd = BORN_CONTROL; fd <= BORN_ROOTFS; fd++) fcntl(fd, F_SETFD, FD_CLOEXEC);
  prctl(PR_SET_NAME, "hoist-shim"); /* run from a descriptor, it would be called by that number */
  harden();
  if (fstat(BORN_TAPE, &status) < 0) return 1;
  tape_size = (size_t)status.st_size;
  tape_bytes = mmap(NULL, tape_size, PROT_READ, MAP_PRIVATE, BORN_TAPE, 0);
  if (tape_bytes == MAP_FAILED || !tape_open(&tape, tape_bytes, tape_size)) report_failure(OP_PROCESS, EINVAL, "tape");
  const char *directory = read_settings(tape);
  if (chdir(directory) < 0) report_failure(OP_PROCESS, errno, directory);
  umask(0077);
  uint32_t blame;
  struct child *init = child_make(tape, NULL, BORN_ROOTFS, -1, &blame);
  if (!init) report_failure(blame, errno, "");
  close(BORN_ROOTFS);
  keep(tape, init);
}
