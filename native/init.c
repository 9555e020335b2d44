/* The minimal init of --init: process 1 forwards every signal to its child, reaps all, and ends as its child did. */
#define _GNU_SOURCE
#include <signal.h>
#include <string.h>
#include <unistd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include "shim.h"

void init_run(pid_t child) {
  sigset_t all;
  sigfillset(&all);
  prctl(PR_SET_NAME, "init");
  for (;;) {
    siginfo_t info;
    int signo = sigwaitinfo(&all, &info);
    if (signo < 0) continue;
    if (signo != SIGCHLD) {
      kill(child, signo);
      continue;
    }
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;)
      if (pid == child) _exit(WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  }
}
