/*
 * The keeper: one loop over the container's processes, their output, and the connections of daemons.
 *
 * Output goes to the log and to every attachment. An attachment that does not read fast enough is left behind and
 * catches up from the log files, which stay open for it however often they are rotated; where there is no log (execs,
 * none wanted, or a full disk) the process waits for its slowest reader, as with a pipe.
 *
 * Lifetime: from the tape to the end of the container's last process and of all unsent output. The exit is on disk
 * before anybody is told. If the daemon goes away before START, the container is undone.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include "shim.h"

struct connection {
  struct connection *next;
  int fd; /* -1: to be freed */
  bool born, watching, input_ended, closing;
  uint8_t *request; /* what has come of a message that is not whole */
  size_t request_size;
  uint8_t *unsent;
  size_t unsent_at, unsent_size;
  int handed; /* the descriptor that came with a message and is not taken yet, or -1 */
  struct child *child; /* set: an attachment */
  uint32_t attach;
  struct generation *behind; /* set: reads the log from `position` on, until it has caught up */
  int64_t position;
  uint8_t *late; /* what the log would not take meanwhile: it follows what the log has */
  size_t late_size;
};

enum {
  FRAME_ROOM = LOG_HEADER_BYTES + PROTOCOL_MAX_PAYLOAD + LOG_TRAILER_BYTES,
  STDCOPY_BYTES = 8,
  SMALL_READ = 32768,
  BURST_NANOSECONDS = 500000, /* small reads that follow one another within this are gathered for as long */
  IDLE_MILLISECONDS = 20,     /* after which the buffer's memory is given back */
  READS_AT_ONCE = 16,
};

static struct child *children; /* the init is the last */
static struct child *init;
static struct connection *connections;
static int listener = -1, held_mounts = -1, held_network = -1;
static uint32_t exec_count;
static int64_t started_at;
static uint8_t *buffer; /* FRAME_ROOM bytes: the payload of a read is put after the room for a header */
static bool buffer_used;
static struct connection *releaser; /* who waits for the namespaces to be let go */
static uint32_t release_id;

/* ---- sending ---- */

/* What has not been read is read first: closing over it would show the other side an error in place of the end. */
static void drop(struct connection *c) {
  char rest[512];
  while (c->fd >= 0 && recv(c->fd, rest, sizeof rest, MSG_DONTWAIT) > 0) continue;
  if (c->fd >= 0) close(c->fd);
  if (c->handed >= 0) close(c->handed);
  c->fd = c->handed = -1;
  log_release(c->behind);
  c->behind = NULL;
}

static void queue(struct connection *c, const uint8_t *bytes, size_t size) {
  size_t left = c->unsent_size - c->unsent_at;
  uint8_t *all = malloc(left + size);
  if (!all) return drop(c);
  if (left) memcpy(all, c->unsent + c->unsent_at, left);
  memcpy(all + left, bytes, size);
  free(c->unsent);
  c->unsent = all;
  c->unsent_at = 0;
  c->unsent_size = left + size;
}

/* Sends what the connection takes now and keeps the rest. */
static void send_or_queue(struct connection *c, const uint8_t *bytes, size_t size) {
  if (c->fd < 0) return;
  if (!c->unsent) {
    ssize_t n = send(c->fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return drop(c);
    if (n > 0) bytes += n, size -= (size_t)n;
  }
  if (size) queue(c, bytes, size);
}

static void flush(struct connection *c) {
  ssize_t n = send(c->fd, c->unsent + c->unsent_at, c->unsent_size - c->unsent_at, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (n < 0 && errno != EAGAIN && errno != EINTR) return drop(c);
  if (n > 0) c->unsent_at += (size_t)n;
  if (c->unsent_at < c->unsent_size) return;
  free(c->unsent);
  c->unsent = NULL;
  c->unsent_at = c->unsent_size = 0;
}

static void send_message(struct connection *c, uint32_t type, uint32_t id, const void *body, size_t size) {
  uint8_t bytes[sizeof(struct message_header) + 600];
  struct message_header header = {(uint32_t)size, type, id};
  memcpy(bytes, &header, sizeof header);
  memcpy(bytes + sizeof header, body, size);
  send_or_queue(c, bytes, sizeof header + size);
}

static void send_result(struct connection *c, uint32_t id, int error) {
  int32_t body = error;
  send_message(c, MESSAGE_RESULT, id, &body, sizeof body);
}

static void send_report(struct connection *c, uint32_t type, uint32_t id, uint32_t op, int error, const char *text) {
  struct {
    uint32_t op;
    int32_t error;
    char text[500];
  } body = {.op = op, .error = error};
  strncpy(body.text, text, sizeof body.text - 1);
  send_message(c, type, id, &body, 8 + strlen(body.text) + 1);
}

/* ---- output ---- */

static bool wants(const struct connection *c, uint32_t stream) {
  return c->attach & (stream == LOG_STDERR ? ATTACH_STDERR : ATTACH_STDOUT);
}

/* What is sent of a payload that lies in the buffer after LOG_HEADER_BYTES: Docker's header goes right before it. */
static const uint8_t *output_of(const struct child *child, uint32_t length, uint8_t stream, size_t *size) {
  *size = length;
  if (child->flags & PROCESS_TERMINAL) return buffer + LOG_HEADER_BYTES;
  uint8_t *frame = buffer + LOG_HEADER_BYTES - STDCOPY_BYTES;
  uint8_t header[STDCOPY_BYTES] = {stream, 0, 0, 0, (uint8_t)(length >> 24), (uint8_t)(length >> 16), (uint8_t)(length >> 8),
                                   (uint8_t)length};
  memcpy(frame, header, sizeof header);
  *size += STDCOPY_BYTES;
  return frame;
}

static void keep_late(struct connection *c, const uint8_t *bytes, size_t size) {
  uint8_t *all = realloc(c->late, c->late_size + size);
  if (!all) return drop(c);
  memcpy(all + c->late_size, bytes, size);
  c->late = all;
  c->late_size += size;
}

static void deliver(struct child *child, uint32_t length, uint8_t stream) {
  bool logged = child == init && log_append(buffer, length, stream, now());
  size_t size;
  const uint8_t *bytes = output_of(child, length, stream, &size);
  for (struct connection *c = connections; c; c = c->next) {
    if (c->fd < 0 || c->child != child || c->closing || !wants(c, stream)) continue;
    if (c->behind && !logged) keep_late(c, bytes, size);
    if (c->behind) continue;
    send_or_queue(c, bytes, size);
    if (c->unsent && logged && (c->behind = log_hold())) c->position = c->behind->size;
  }
}

/* Brings one that fell behind forward, as far as it takes. */
static void catch_up(struct connection *c) {
  while (c->fd >= 0 && !c->unsent && c->behind) {
    struct log_header header;
    struct generation *g = c->behind;
    if (c->position >= g->size) {
      if (!g->next) {
        log_release(g);
        c->behind = NULL;
        if (c->late) send_or_queue(c, c->late, c->late_size);
        free(c->late);
        c->late = NULL;
        c->late_size = 0;
      } else {
        c->behind = log_follow(g);
        c->position = 0;
      }
      continue;
    }
    if (pread(g->fd, &header, sizeof header, c->position) != sizeof header || header.length > PROTOCOL_MAX_PAYLOAD ||
        pread(g->fd, buffer + LOG_HEADER_BYTES, header.length, c->position + LOG_HEADER_BYTES) != (ssize_t)header.length)
      return drop(c);
    c->position += LOG_HEADER_BYTES + header.length + LOG_TRAILER_BYTES;
    buffer_used = true;
    size_t size;
    const uint8_t *bytes = output_of(c->child, header.length, header.stream, &size);
    if (wants(c, header.stream)) send_or_queue(c, bytes, size);
  }
}

/* Whether the process has to wait for a reader. */
static bool is_blocked(const struct child *child) {
  for (const struct connection *c = connections; c; c = c->next)
    if (c->fd >= 0 && c->child == child && (c->behind ? c->late : c->unsent)) return true;
  return false;
}

static void close_output(struct child *child, int i) {
  if (child->output[i] >= 0) close(child->output[i]);
  child->output[i] = -1;
}

/* Reads what is there of one output. @returns whether there may be more */
static bool pump(struct child *child, int i) {
  size_t most = child == init ? log_payload() : PROTOCOL_MAX_PAYLOAD;
  ssize_t n = read(child->output[i], buffer + LOG_HEADER_BYTES, most);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n <= 0) { /* EIO: nobody has the terminal open */
    close_output(child, i);
    return false;
  }
  buffer_used = true;
  deliver(child, (uint32_t)n, i ? LOG_STDERR : LOG_STDOUT);
  int64_t at = now(), since = at - child->read_at;
  child->read_at = at;
  if (n < SMALL_READ && since < BURST_NANOSECONDS && !(child->flags & PROCESS_TERMINAL))
    child->read_at = at + BURST_NANOSECONDS; /* in the future: not polled until then */
  return true;
}

static void pump_some(struct child *child, int i) {
  for (int reads = 0; reads < READS_AT_ONCE && child->output[i] >= 0 && !is_blocked(child); reads++)
    if (!pump(child, i)) return;
}

/* ---- input ---- */

static void close_input(struct child *child) {
  if (child->input >= 0) close(child->input);
  child->input = -1;
  free(child->unwritten);
  child->unwritten = NULL;
}

static void write_input(struct child *child) {
  size_t left = child->unwritten_size - child->unwritten_at;
  ssize_t n = write(child->input, child->unwritten + child->unwritten_at, left);
  if (n < 0 && errno != EAGAIN && errno != EINTR) return close_input(child);
  if (n > 0) child->unwritten_at += (size_t)n;
  if (child->unwritten_at < child->unwritten_size) return;
  free(child->unwritten);
  child->unwritten = NULL;
}

static void feed(struct child *child, const uint8_t *bytes, size_t size) {
  if (child->input < 0 || !size) return;
  size_t left = child->unwritten ? child->unwritten_size - child->unwritten_at : 0;
  uint8_t *all = malloc(left + size);
  if (!all) return;
  if (left) memcpy(all, child->unwritten + child->unwritten_at, left);
  memcpy(all + left, bytes, size);
  free(child->unwritten);
  child->unwritten = all;
  child->unwritten_at = 0;
  child->unwritten_size = left + size;
  write_input(child);
}

/*
 * The end of an attachment's input. As dockerd does: it closes the standard input that was to be open once, and else
 * ends the attachment.
 */
static void end_input(struct connection *c) {
  c->input_ended = true;
  if (!(c->attach & ATTACH_STDIN)) return;
  uint32_t flags = c->child->flags;
  if (flags & PROCESS_STDIN_ONCE && !(flags & PROCESS_TERMINAL)) close_input(c->child);
  else c->closing = true;
}

/* ---- ends ---- */

static char *decimal(char *at, int64_t value, char after) {
  char digits[24];
  int n = 0;
  do digits[n++] = (char)('0' + value % 10);
  while (value /= 10);
  while (n) *at++ = digits[--n];
  *at++ = after;
  return at;
}

/* A file of the task's directory, whole or not there. */
static void record(const char *name, const char *temporary, const char *text, const char *end) {
  int fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  ssize_t n = write(fd, text, (size_t)(end - text));
  close(fd);
  if (n == end - text) rename(temporary, name);
}

/* <directory>/exit: exit code, signal, unix nanoseconds, lost log bytes. */
static void record_exit(const struct child *child) {
  char text[100], *end = text;
  end = decimal(end, child->exit_code, ' ');
  end = decimal(end, child->exit_signal, ' ');
  end = decimal(end, child->exited_at, ' ');
  end = decimal(end, (int64_t)log_lost, '\n');
  record("exit", "exit.tmp", text, end);
}

/* <directory>/started: unix nanoseconds. There before the process can do anything. */
static void record_start(void) {
  char text[30], *end = decimal(text, started_at, '\n');
  record("started", "started.tmp", text, end);
}

static void send_exit(struct connection *c, const struct child *child) {
  struct {
    uint32_t index, code, signal, zero;
    int64_t at;
  } body = {child->index, child->exit_code, child->exit_signal, 0, child->exited_at};
  send_message(c, MESSAGE_EXITED, 0, &body, sizeof body);
}

static void kill_child(const struct child *child, int signal) {
  if (!child->exited) syscall(SYS_pidfd_send_signal, child->pidfd, signal, NULL, 0);
}

static void refuse(struct child *child, uint32_t op, int error, const char *text) {
  if (child == init) report_failure(op, error, text);
  if (child->asker) send_report(child->asker, MESSAGE_FAILED, child->ask_id, op, error, text);
  child->asker = NULL;
}

static void receive_sync(struct child *child);

static void reap(struct child *child) {
  siginfo_t info = {0};
  if (waitid(P_PID, (id_t)child->pid, &info, WEXITED | WNOHANG) < 0 || info.si_pid != child->pid) return;
  child->exited_at = now();
  child->exit_signal = info.si_code == CLD_EXITED ? 0 : (uint32_t)info.si_status;
  child->exit_code = (uint32_t)info.si_status + (child->exit_signal ? 128 : 0);
  if (child->sync >= 0) receive_sync(child);
  if (!child->ready) refuse(child, 0, 0, "the process ended while it was made");
  child->exited = true;
  for (int i = 0; i < 2; i++)
    while (child->output[i] >= 0 && pump(child, i)) continue;
  close_output(child, 0);
  close_output(child, 1);
  close_input(child);
  close(child->pidfd);
  if (child->sync >= 0) close(child->sync);
  child->pidfd = child->sync = -1;
  if (child == init) record_exit(child);
  for (struct connection *c = connections; c; c = c->next) {
    if (c->child == child) c->closing = true;
    else if (c->watching && child->ready) send_exit(c, child);
  }
  if (child == init)
    for (struct child *other = children; other; other = other->next) kill_child(other, SIGKILL);
}

static _Noreturn void end(void) {
  unlink("shim.sock");
  _exit(0);
}

/* ---- a process under way ---- */

static void take_terminal(struct child *child, int master) {
  fcntl(master, F_SETFL, O_NONBLOCK);
  close_output(child, 0);
  child->output[0] = master;
  child->input = fcntl(master, F_DUPFD_CLOEXEC, 0);
}

static void become_ready(struct child *child) {
  uint32_t body[2] = {child->index, (uint32_t)child->pid};
  child->ready = true;
  if (child->asker) send_message(child->asker, MESSAGE_CREATED, child->ask_id, body, sizeof body);
  child->asker = NULL;
}

static void receive_sync(struct child *child) {
  for (;;) {
    struct sync sync = {0};
    struct iovec part = {&sync, sizeof sync};
    union {
      struct cmsghdr header;
      char bytes[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(child->sync, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n < 0 && errno == ECONNRESET) continue; /* it ended with a byte of ours unread: its own come after this */
    if (n <= 0) break; /* it executes, or has ended: then it is reaped */
    if (sync.type == SYNC_WARNING && child->asker)
      send_report(child->asker, MESSAGE_WARNING, child->ask_id, sync.op, sync.error, sync.text);
    if (sync.type == SYNC_FAILED) refuse(child, sync.op, sync.error, sync.text);
    if (sync.type == SYNC_READY) become_ready(child);
    if (sync.type == SYNC_CONSOLE && message.msg_controllen >= CMSG_LEN(sizeof(int))) {
      int master;
      memcpy(&master, CMSG_DATA(&control.header), sizeof master);
      take_terminal(child, master);
    }
  }
  close(child->sync);
  child->sync = -1;
}

/* ---- requests ---- */

static struct child *find_child(uint32_t index) {
  for (struct child *child = children; child; child = child->next)
    if (child->index == index) return child;
  return NULL;
}

static int start(struct child *child) {
  char go = SYNC_START;
  if (!child || child->exited) return ESRCH;
  if (!child->ready || child->started) return EALREADY;
  child->started = true;
  if (child == init) {
    started_at = now();
    record_start();
  }
  return send(child->sync, &go, 1, MSG_NOSIGNAL) == 1 ? 0 : errno;
}

static int signal_child(struct child *child, int signal) {
  if (!child || child->exited) return ESRCH;
  return syscall(SYS_pidfd_send_signal, child->pidfd, signal, NULL, 0) < 0 ? errno : 0;
}

static int resize(struct child *child, uint16_t rows, uint16_t columns) {
  struct winsize size = {.ws_row = rows, .ws_col = columns};
  if (!child || child->exited) return ESRCH;
  if (!(child->flags & PROCESS_TERMINAL) || child->output[0] < 0) return ENOTTY;
  return ioctl(child->output[0], TIOCSWINSZ, &size) < 0 ? errno : 0;
}

static void add_exec(struct connection *c, uint32_t id, struct cursor body) {
  struct cursor tape;
  uint32_t blame = OP_PROCESS;
  struct child *child = NULL;
  errno = init->exited || !init->started ? ESRCH : EINVAL;
  if (errno == EINVAL && tape_open(&tape, body.at, (size_t)(body.end - body.at)))
    child = child_make(tape, init, -1, BORN_TAPE, &blame);
  if (!child) return send_report(c, MESSAGE_FAILED, id, blame, errno, "");
  child->index = ++exec_count;
  child->asker = c;
  child->ask_id = id;
  child->next = children;
  children = child;
}

static struct connection *add_connection(int fd) {
  struct connection *c = calloc(1, sizeof *c);
  if (!c) return close(fd), NULL;
  c->fd = fd;
  c->handed = -1;
  c->next = connections;
  connections = c;
  return c;
}

/* The stream is the connection that asks, or the one that it hands over: a client's own, past the daemon. */
static int attach(struct connection *c, struct child *child, uint32_t flags) {
  if (!child || child->exited) return ESRCH;
  if (c->handed >= 0) {
    int fd = c->handed;
    c->handed = -1;
    if (!(c = add_connection(fd))) return ENOMEM;
  }
  c->child = child;
  c->attach = flags;
  return 0;
}

static void send_state(struct connection *c, uint32_t id) {
  struct {
    uint32_t state, pid;
    int64_t started_at;
    uint64_t lost;
    uint32_t shim, zero;
  } body = {init->exited ? STATE_EXITED : init->started ? STATE_RUNNING : STATE_CREATED, (uint32_t)init->pid, started_at,
            log_lost, (uint32_t)getpid(), 0};
  c->watching = true;
  send_message(c, MESSAGE_STATE, id, &body, sizeof body);
  if (init->exited) send_exit(c, init);
}

static void answer(struct connection *c, const struct message_header *header, struct cursor body) {
  if (header->type == MESSAGE_EXEC) return add_exec(c, header->id, body);
  if (header->type == MESSAGE_WATCH) return send_state(c, header->id);
  if (header->type == MESSAGE_RELEASE) {
    releaser = c;
    release_id = header->id;
    for (struct child *child = children; child; child = child->next) kill_child(child, SIGKILL);
    return;
  }
  struct child *child = find_child(take_u32(&body));
  int result = ENOSYS;
  if (header->type == MESSAGE_START) result = start(child);
  if (header->type == MESSAGE_SIGNAL) result = signal_child(child, (int)take_u32(&body));
  if (header->type == MESSAGE_ATTACH) result = attach(c, child, take_u32(&body));
  if (header->type == MESSAGE_RESIZE) {
    uint16_t rows = take_u16(&body);
    result = resize(child, rows, take_u16(&body));
  }
  send_result(c, header->id, result);
}

/* ---- connections ---- */

/* Answers every whole message of what has come; the rest waits. What follows an ATTACH is input already. */
static void receive_requests(struct connection *c, const uint8_t *bytes, size_t size) {
  uint8_t *all = realloc(c->request, c->request_size + size);
  if (!all) return drop(c);
  memcpy(all + c->request_size, bytes, size);
  c->request = all;
  c->request_size += size;
  size_t at = 0;
  while (c->fd >= 0 && !c->child && c->request_size - at >= sizeof(struct message_header)) {
    struct message_header header;
    memcpy(&header, all + at, sizeof header);
    if (header.length > PROTOCOL_MAX_MESSAGE) return drop(c);
    if (c->request_size - at < sizeof header + header.length) break;
    at += sizeof header;
    answer(c, &header, (struct cursor){all + at, all + at + header.length});
    at += header.length;
  }
  size_t left = c->request_size - at;
  if (c->child) {
    if (c->attach & ATTACH_STDIN) feed(c->child, all + at, left);
    left = 0;
  }
  if (left) memmove(all, all + at, left);
  else free(all), c->request = NULL;
  c->request_size = left;
}

static ssize_t receive_bytes(struct connection *c) {
  struct iovec part = {buffer, PROTOCOL_MAX_PAYLOAD};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
  ssize_t n = recvmsg(c->fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0 || message.msg_controllen < CMSG_LEN(sizeof(int)) || control.header.cmsg_type != SCM_RIGHTS) return n;
  if (c->handed >= 0) close(c->handed);
  memcpy(&c->handed, CMSG_DATA(&control.header), sizeof c->handed);
  return n;
}

static void receive(struct connection *c) {
  ssize_t n = c->child ? recv(c->fd, buffer, PROTOCOL_MAX_PAYLOAD, MSG_DONTWAIT) : receive_bytes(c);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n > 0) buffer_used = true;
  if (!c->child) return n > 0 ? receive_requests(c, buffer, (size_t)n) : drop(c);
  if (n < 0) return drop(c);
  if (n == 0) return end_input(c);
  if (c->attach & ATTACH_STDIN) feed(c->child, buffer, (size_t)n);
}

static void forget_asker(const struct connection *c) {
  if (releaser == c) releaser = NULL;
  for (struct child *child = children; child; child = child->next)
    if (child->asker == c) child->asker = NULL;
}

static bool child_is_attached(const struct child *child) {
  for (const struct connection *c = connections; c; c = c->next)
    if (c->child == child) return true;
  return false;
}

/* Frees what has ended. */
static void sweep(void) {
  for (struct connection **link = &connections, *c; (c = *link);) {
    if (c->fd >= 0 && c->closing && !c->unsent && !c->behind) drop(c);
    if (c->fd >= 0) {
      link = &c->next;
      continue;
    }
    bool undone = c->born && !init->started;
    if (c->child && c->attach & ATTACH_STDIN && !c->input_ended) end_input(c);
    forget_asker(c);
    *link = c->next;
    free(c->request);
    free(c->unsent);
    free(c->late);
    free(c);
    if (undone) { /* nobody will ever start it */
      kill_child(init, SIGKILL);
      end();
    }
  }
  for (struct child **link = &children, *child; (child = *link);) {
    if (child == init || !child->exited || child_is_attached(child)) {
      link = &child->next;
      continue;
    }
    *link = child->next;
    free(child);
  }
}

static bool has_processes(void) {
  for (const struct child *child = children; child; child = child->next)
    if (!child->exited) return true;
  return false;
}

/* Lets go of the container's namespaces, and with them of its mounts, and says so. Readers may still be behind. */
static void release(void) {
  if (held_mounts >= 0) close(held_mounts);
  if (held_network >= 0) close(held_network);
  held_mounts = held_network = -1;
  send_result(releaser, release_id, 0);
  releaser = NULL;
}

static bool is_over(void) {
  if (has_processes()) return false;
  if (releaser) release();
  for (const struct connection *c = connections; c; c = c->next)
    if (c->child || c->unsent) return false;
  return true;
}

/* ---- the loop ---- */

struct watched {
  enum { LISTENER, EXITED, SYNC, OUTPUT0, OUTPUT1, INPUT, CONNECTION } kind;
  void *object;
};
static struct pollfd *polled;
static struct watched *watched;
static size_t room, count;

static void watch(int fd, short events, int kind, void *object) {
  if (count == room) {
    room = room ? room * 2 : 16;
    polled = realloc(polled, room * sizeof *polled);
    watched = realloc(watched, room * sizeof *watched);
    if (!polled || !watched) _exit(1);
  }
  polled[count] = (struct pollfd){.fd = fd, .events = events};
  watched[count].kind = kind;
  watched[count++].object = object;
}

/* @returns nanoseconds until an output that gathers is to be read, or -1 */
static int64_t watch_child(struct child *child) {
  int64_t wait = -1;
  if (child->exited) return wait;
  watch(child->pidfd, POLLIN, EXITED, child);
  if (child->sync >= 0) watch(child->sync, POLLIN, SYNC, child);
  if (child->unwritten) watch(child->input, POLLOUT, INPUT, child);
  int64_t left = child->read_at - now();
  if (left > 0 && left <= BURST_NANOSECONDS) return left;
  if (is_blocked(child)) return wait;
  for (int i = 0; i < 2; i++)
    if (child->output[i] >= 0) watch(child->output[i], POLLIN, i ? OUTPUT1 : OUTPUT0, child);
  return wait;
}

static void watch_connection(struct connection *c) {
  short events = 0;
  bool full = c->child && c->attach & ATTACH_STDIN && c->child->unwritten;
  if (!c->input_ended && !full && !c->closing) events |= POLLIN;
  if (c->unsent || c->behind) events |= POLLOUT;
  if (events || !full) watch(c->fd, events, CONNECTION, c); /* a full one's hang-up waits behind its input */
}

static void handle_connection(struct connection *c, short events) {
  if (c->fd >= 0 && events & POLLOUT) {
    if (c->unsent) flush(c);
    catch_up(c);
  }
  if (c->fd >= 0 && events & POLLIN) receive(c);
  else if (c->fd >= 0 && events & (POLLHUP | POLLERR)) drop(c);
}

static void handle(const struct watched *w, short events) {
  struct child *child = w->object;
  switch (w->kind) {
  case LISTENER: {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0) add_connection(fd);
    return;
  }
  case CONNECTION: return handle_connection(w->object, events);
  case EXITED: return reap(child);
  case SYNC:
    if (child->sync >= 0) receive_sync(child);
    return;
  case OUTPUT0:
  case OUTPUT1: return pump_some(child, w->kind == OUTPUT1);
  case INPUT:
    if (child->unwritten) write_input(child);
    return;
  }
}

static void wait_and_handle(void) {
  int64_t wait = -1;
  count = 0;
  for (struct child *child = children; child; child = child->next) {
    int64_t left = watch_child(child);
    if (left >= 0 && (wait < 0 || left < wait)) wait = left;
  }
  for (struct connection *c = connections; c; c = c->next) watch_connection(c);
  watch(listener, POLLIN, LISTENER, NULL);
  if (wait < 0 && buffer_used) wait = IDLE_MILLISECONDS * 1000000;
  struct timespec timeout = {.tv_nsec = wait};
  int ready = ppoll(polled, count, wait < 0 ? NULL : &timeout, NULL);
  if (ready == 0 && buffer_used && wait == IDLE_MILLISECONDS * 1000000) {
    madvise(buffer, FRAME_ROOM, MADV_DONTNEED);
    buffer_used = false;
  }
  for (size_t i = 0; ready > 0 && i < count; i++)
    if (polled[i].revents) handle(&watched[i], polled[i].revents);
}

static int listen_on_socket(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "shim.sock"};
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  unlink(address.sun_path);
  if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 64) < 0) return -1;
  return fd;
}

void report_failure(uint32_t op, int error, const char *detail) {
  struct connection born = {.fd = BORN_CONTROL, .handed = -1};
  send_report(&born, MESSAGE_FAILED, 0, op, error, detail);
  end();
}

void keep(struct cursor tape, struct child *child) {
  init = children = child;
  buffer = mmap(NULL, FRAME_ROOM, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  listener = listen_on_socket();
  struct connection *born = add_connection(BORN_CONTROL);
  if (buffer == MAP_FAILED || listener < 0 || !born) report_failure(OP_PROCESS, errno, "shim.sock");
  born->born = born->watching = true;
  child->asker = born;
  held_network = open_namespace(child->pid, "net");
  held_mounts = open_namespace(child->pid, "mnt");
  int result = child_network(tape, child, held_network);
  if (result < 0) report_failure(OP_HOST_NETLINK, -result, "");
  forget_tape();
  while (!is_over()) {
    wait_and_handle();
    sweep();
  }
  end();
}
