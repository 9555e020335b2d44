/*
 * The container's log: appended in frames, rotated by size. A full disk loses log, never the container: what could not
 * be written whole is taken back, counted, and the next frame is tried again.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/stat.h>
#include "shim.h"

static char *log_path;
static uint64_t maximum_bytes;
static uint32_t maximum_files;
static struct generation *newest;
uint64_t log_lost;

/* Its folder, too, comes with the first frame: most containers that only wait have neither. */
static void make_folder(void) {
  char *end = strrchr(log_path, '/');
  if (!end || end == log_path) return;
  *end = 0;
  mkdir(log_path, 0700);
  *end = '/';
}

static struct generation *open_generation(void) {
  enum { FLAGS = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, MODE = 0600 };
  struct generation *g = calloc(1, sizeof *g);
  struct stat status;
  if (!g) return NULL;
  g->fd = open(log_path, FLAGS, MODE);
  if (g->fd < 0 && errno == ENOENT) {
    make_folder();
    g->fd = open(log_path, FLAGS, MODE);
  }
  if (g->fd < 0) return free(g), NULL;
  g->size = fstat(g->fd, &status) == 0 ? status.st_size : 0;
  g->holders = 1;
  return g;
}

/* Whether the file, or its folder and then the file, can be made: asked now, while it can still be told. */
static bool can_be_made(void) {
  char *cut = log_path + strlen(log_path);
  for (int up = 0; up < 2; up++) {
    char *end = cut;
    do end--;
    while (end > log_path && *end != '/');
    if (end <= log_path) return true; /* the root, or a name alone */
    char kept = *cut;
    *cut = 0;
    *end = 0;
    bool ok = access(log_path, W_OK | X_OK) == 0;
    *end = '/';
    *cut = kept;
    if (ok || errno != ENOENT) return ok;
    cut = end;
  }
  return false;
}

bool log_open(const char *path, uint64_t maximum, uint32_t files) {
  log_path = strdup(path);
  maximum_bytes = maximum;
  maximum_files = files ? files : 1;
  return log_path && can_be_made();
}

/* A frame is to fit into one file, so what is read at once must. */
uint32_t log_payload(void) {
  enum { OVERHEAD = LOG_HEADER_BYTES + LOG_TRAILER_BYTES, LEAST = 512 };
  if (!maximum_bytes || maximum_bytes >= PROTOCOL_MAX_PAYLOAD + OVERHEAD) return PROTOCOL_MAX_PAYLOAD;
  return maximum_bytes < LEAST + OVERHEAD ? LEAST : (uint32_t)maximum_bytes - OVERHEAD;
}

static void numbered(char *into, uint32_t number) {
  size_t length = strlen(log_path);
  memcpy(into, log_path, length + 1);
  if (!number) return;
  char digits[12];
  int n = 0;
  for (uint32_t rest = number; rest; rest /= 10) digits[n++] = (char)('0' + rest % 10);
  into[length++] = '.';
  while (n) into[length++] = digits[--n];
  into[length] = 0;
}

/* log.1 becomes log.2 and so on, log becomes log.1; with one file only, it begins anew. */
static void rotate(void) {
  char from[PATH_MAX], to[PATH_MAX];
  if (strlen(log_path) + 12 > sizeof from) return;
  if (maximum_files == 1) unlink(log_path);
  for (uint32_t i = maximum_files - 1; i > 0; i--) {
    numbered(from, i - 1);
    numbered(to, i);
    rename(from, to);
  }
  struct generation *next = open_generation();
  if (!next) return;
  newest->next = next;
  next->holders++; /* by the one before it */
  log_release(newest);
  newest = next;
}

bool log_append(uint8_t *frame, uint32_t length, uint8_t stream, int64_t at) {
  if (!log_path) return false;
  if (!newest && !(newest = open_generation())) {
    log_lost += length;
    return false;
  }
  size_t whole = LOG_HEADER_BYTES + length + LOG_TRAILER_BYTES;
  if (maximum_bytes && newest->size && (uint64_t)newest->size + whole > maximum_bytes) rotate();
  uint8_t flags = frame[LOG_HEADER_BYTES + length - 1] == '\n' ? 0 : LOG_PARTIAL;
  struct log_header header = {.length = length, .stream = stream, .flags = flags, .nanoseconds = at};
  memcpy(frame, &header, sizeof header);
  memcpy(frame + LOG_HEADER_BYTES + length, &length, sizeof length);
  ssize_t n;
  do n = write(newest->fd, frame, whole);
  while (n < 0 && errno == EINTR);
  if (n == (ssize_t)whole) {
    newest->size += n;
    return true;
  }
  log_lost += length;
  if (n > 0 && ftruncate(newest->fd, newest->size) < 0) newest->size += n;
  return false;
}

struct generation *log_hold(void) {
  if (newest) newest->holders++;
  return newest;
}

struct generation *log_follow(struct generation *held) {
  struct generation *next = held->next;
  if (next) next->holders++;
  log_release(held);
  return next;
}

void log_release(struct generation *held) {
  while (held && --held->holders == 0) {
    struct generation *next = held->next;
    close(held->fd);
    free(held);
    held = next;
  }
}
