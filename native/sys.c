/*
 * sys.node: the kernel, called from TypeScript.
 *
 *   sys(number, ...args)      -> result, or -errno
 *   sysAsync(number, ...args) -> a promise of the same, made on the worker pool
 *   address(buffer)           -> bigint: where the buffer's bytes are, for structs that hold pointers
 *   spawn(path, argv, env, fds) -> a promise of a pid, or -errno: posix_spawn in a new session, fds[i] becoming descriptor i
 *
 * An argument is a number, a bigint, a string (passed NUL-terminated), a buffer (its bytes' address) or null (0).
 * No policy here: constants, structs and the meaning of results are in src/linux.
 */
#define _GNU_SOURCE
#define NAPI_VERSION 8
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <node_api.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/syscall.h>

enum { MAX_ARGS = 7, MAX_FDS = 64, FIRST_FREE_FD = 128 };

struct call {
  long args[MAX_ARGS]; /* the number, then six arguments */
  char *owned[MAX_ARGS];
  napi_ref refs[MAX_ARGS];
  long result;
  napi_deferred deferred;
  napi_async_work work;
};

static char *copy_string(napi_env env, napi_value value) {
  size_t length = 0;
  napi_get_value_string_utf8(env, value, NULL, 0, &length);
  char *text = malloc(length + 1);
  if (text) napi_get_value_string_utf8(env, value, text, length + 1, &length);
  return text;
}

static void *bytes_of(napi_env env, napi_value value) {
  void *data = NULL;
  bool is = false;
  if (napi_is_typedarray(env, value, &is) == napi_ok && is)
    napi_get_typedarray_info(env, value, NULL, NULL, &data, NULL, NULL);
  else if (napi_is_arraybuffer(env, value, &is) == napi_ok && is)
    napi_get_arraybuffer_info(env, value, &data, NULL);
  return data;
}

static int read_arg(napi_env env, napi_value value, struct call *call, int i) {
  napi_valuetype type;
  napi_typeof(env, value, &type);
  switch (type) {
  case napi_number: {
    int64_t number;
    napi_get_value_int64(env, value, &number);
    call->args[i] = (long)number;
    return 0;
  }
  case napi_bigint: {
    bool lossless;
    uint64_t number;
    napi_get_value_bigint_uint64(env, value, &number, &lossless);
    call->args[i] = (long)number;
    return 0;
  }
  case napi_string:
    call->owned[i] = copy_string(env, value);
    call->args[i] = (long)call->owned[i];
    return call->owned[i] ? 0 : -1;
  case napi_object:
    call->args[i] = (long)bytes_of(env, value);
    return 0;
  case napi_null:
  case napi_undefined:
    return 0;
  default:
    return -1;
  }
}

static int read_call(napi_env env, napi_callback_info info, struct call *call, napi_value *argv) {
  size_t argc = MAX_ARGS;
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  int bad = argc == 0;
  for (size_t i = 0; i < argc && i < MAX_ARGS && !bad; i++) bad = read_arg(env, argv[i], call, (int)i) < 0;
  if (bad) napi_throw_type_error(env, NULL, "sys: an argument is not a number, string, buffer or null");
  return bad ? -1 : 0;
}

static void make(struct call *call) {
  const long *a = call->args;
  long result = syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
  call->result = result == -1 ? -errno : result;
  for (int i = 0; i < MAX_ARGS; i++) free(call->owned[i]);
}

static napi_value number_of(napi_env env, long result) {
  napi_value value;
  napi_create_int64(env, result, &value);
  return value;
}

static napi_value sys(napi_env env, napi_callback_info info) {
  struct call call = {0};
  napi_value argv[MAX_ARGS];
  if (read_call(env, info, &call, argv) < 0) return NULL;
  make(&call);
  return number_of(env, call.result);
}

static void execute(napi_env env, void *data) {
  (void)env;
  make(data);
}

static void complete(napi_env env, napi_status status, void *data) {
  (void)status;
  struct call *call = data;
  for (int i = 0; i < MAX_ARGS; i++)
    if (call->refs[i]) napi_delete_reference(env, call->refs[i]);
  napi_resolve_deferred(env, call->deferred, number_of(env, call->result));
  napi_delete_async_work(env, call->work);
  free(call);
}

static napi_value sys_async(napi_env env, napi_callback_info info) {
  struct call *call = calloc(1, sizeof *call);
  napi_value argv[MAX_ARGS], promise, name;
  if (!call || read_call(env, info, call, argv) < 0) {
    free(call);
    return NULL;
  }
  for (int i = 0; i < MAX_ARGS; i++) { /* buffers stay alive until the call is done */
    napi_valuetype type;
    if (napi_typeof(env, argv[i], &type) == napi_ok && type == napi_object)
      napi_create_reference(env, argv[i], 1, &call->refs[i]);
  }
  napi_create_promise(env, &call->deferred, &promise);
  napi_create_string_utf8(env, "sys", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, NULL, name, execute, complete, call, &call->work);
  napi_queue_async_work(env, call->work);
  return promise;
}

static napi_value address(napi_env env, napi_callback_info info) {
  size_t argc = 1;
  napi_value value, result;
  napi_get_cb_info(env, info, &argc, &value, NULL, NULL);
  napi_create_bigint_uint64(env, (uint64_t)(uintptr_t)bytes_of(env, value), &result);
  return result;
}

static char **read_strings(napi_env env, napi_value list) {
  uint32_t length = 0;
  napi_get_array_length(env, list, &length);
  char **strings = calloc(length + 1, sizeof *strings);
  for (uint32_t i = 0; strings && i < length; i++) {
    napi_value item;
    napi_get_element(env, list, i, &item);
    strings[i] = copy_string(env, item);
  }
  return strings;
}

static void free_strings(char **strings) {
  for (char **s = strings; s && *s; s++) free(*s);
  free(strings);
}

static long spawn_with(char *path, char **argv, char **envp, const int *fds, uint32_t count) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  sigset_t all, none;
  int high[MAX_FDS];
  pid_t pid = 0;
  posix_spawn_file_actions_init(&actions);
  posix_spawnattr_init(&attributes);
  sigfillset(&all);
  sigemptyset(&none);
  posix_spawnattr_setsigdefault(&attributes, &all);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  int error = 0;
  for (uint32_t i = 0; i < count; i++) { /* first out of the way of the targets, then onto them */
    high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FIRST_FREE_FD);
    if (high[i] < 0 && !error) error = errno;
    else posix_spawn_file_actions_adddup2(&actions, high[i], (int)i);
  }
  if (!error) error = posix_spawn(&pid, path, &actions, &attributes, argv, envp);
  for (uint32_t i = 0; i < count; i++)
    if (high[i] >= 0) close(high[i]);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return error ? -error : pid;
}

struct spawning {
  char *path, **argv, **envp;
  int fds[MAX_FDS];
  uint32_t count;
  long result;
  napi_deferred deferred;
  napi_async_work work;
};

static void execute_spawn(napi_env env, void *data) {
  (void)env;
  struct spawning *s = data;
  bool whole = s->path && s->argv && s->envp;
  s->result = whole ? spawn_with(s->path, s->argv, s->envp, s->fds, s->count) : -ENOMEM;
}

static void complete_spawn(napi_env env, napi_status status, void *data) {
  (void)status;
  struct spawning *s = data;
  napi_resolve_deferred(env, s->deferred, number_of(env, s->result));
  napi_delete_async_work(env, s->work);
  free(s->path);
  free_strings(s->argv);
  free_strings(s->envp);
  free(s);
}

/* Its thread stands still until the program executes; the others go on. */
static napi_value spawn(napi_env env, napi_callback_info info) {
  size_t argc = 4;
  napi_value argv[4], promise, name;
  struct spawning *s = calloc(1, sizeof *s);
  napi_get_cb_info(env, info, &argc, argv, NULL, NULL);
  if (!s || argc < 4 || napi_get_array_length(env, argv[3], &s->count) != napi_ok || s->count > MAX_FDS) {
    free(s);
    napi_throw_type_error(env, NULL, "spawn: wants path, argv, env and at most 64 fds");
    return NULL;
  }
  for (uint32_t i = 0; i < s->count; i++) {
    napi_value item;
    napi_get_element(env, argv[3], i, &item);
    napi_get_value_int32(env, item, &s->fds[i]);
  }
  s->path = copy_string(env, argv[0]);
  s->argv = read_strings(env, argv[1]);
  s->envp = read_strings(env, argv[2]);
  napi_create_promise(env, &s->deferred, &promise);
  napi_create_string_utf8(env, "spawn", NAPI_AUTO_LENGTH, &name);
  napi_create_async_work(env, NULL, name, execute_spawn, complete_spawn, s, &s->work);
  napi_queue_async_work(env, s->work);
  return promise;
}

/* Gives pages of the heap that hold nothing back to the kernel: glibc keeps them after a burst of work. */
static napi_value trim(napi_env env, napi_callback_info info) {
  (void)info;
#ifdef __GLIBC__
  return number_of(env, malloc_trim(0));
#else
  return number_of(env, 0);
#endif
}

NAPI_MODULE_INIT() {
  napi_property_descriptor properties[] = {
      {"sys", NULL, sys, NULL, NULL, NULL, napi_enumerable, NULL},
      {"sysAsync", NULL, sys_async, NULL, NULL, NULL, napi_enumerable, NULL},
      {"address", NULL, address, NULL, NULL, NULL, napi_enumerable, NULL},
      {"spawn", NULL, spawn, NULL, NULL, NULL, napi_enumerable, NULL},
      {"trim", NULL, trim, NULL, NULL, NULL, napi_enumerable, NULL},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof *properties, properties);
  return exports;
}
