/*
 * The small host of the command line: QuickJS, the CLI's modules as bytecode, and the kernel's calls.
 *
 * A person waits for the client's start more than for a container's, and QuickJS starts in a tenth of the time of the
 * larger hosts. All the C there is of it: `host`, one object with which src/cli/quickjs does the rest in TypeScript.
 *
 *   host.sys(number, ...args)           a system call's result, or -errno; arguments as in sys.c
 *   host.address(bytes)                 where bytes are, for structs that hold pointers
 *   host.spawn(path, argv, env, fds)    pid or -errno: fds[i] becomes the child's descriptor i
 *   host.execute(path, argv, env)       execve; returns only -errno
 *   host.encode(text), host.decode(bytes)   UTF-8
 *   host.list(path, prefix)             a directory's entries, ready to be told; see host_list
 *   host.sha256(state, bytes, length)   takes bytes into a digest; see host_sha256
 *   host.args, host.env                 the process's own
 *
 * The module `main` is evaluated; then `host.turn()` is called, jobs being run in between, until the module exits. That
 * it says false before, since nothing is awaited, is a failure.
 *
 * With -DCOMPILER it is the compiler of those modules: `compiler OUT.h NAME=FILE …` writes their bytecode as C.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "quickjs.h"
#include "sha256.h"

static JSContext *new_context(JSRuntime *rt) {
  JSContext *ctx = JS_NewContextRaw(rt);
  JS_AddIntrinsicBaseObjects(ctx);
  JS_AddIntrinsicDate(ctx);
  JS_AddIntrinsicEval(ctx); /* the compiler of modules; no source reaches it at run time */
  JS_AddIntrinsicRegExp(ctx);
  JS_AddIntrinsicJSON(ctx);
  JS_AddIntrinsicProxy(ctx);
  JS_AddIntrinsicMapSet(ctx);
  JS_AddIntrinsicTypedArrays(ctx);
  JS_AddIntrinsicPromise(ctx);
  JS_AddIntrinsicBigInt(ctx);
  return ctx;
}

/*
 * Memory for a process that lives for milliseconds: blocks come by size class and go back to their class's list, the
 * smaller ones cut from an arena; only what is larger than any class is malloc's. Sixteen bytes before each block hold its
 * size.
 */
enum {
  GRAIN = 16,
  SMALL = 512,           /* up to here a class every GRAIN bytes, then one every power of two */
  LARGEST_CUT = 1 << 14, /* of the arena */
  LARGEST = 1 << 20,
  ARENA = 1 << 18,
  HEADER = 16,
  CLASSES = SMALL / GRAIN + 1 + 11,
};

static struct free_block {
  struct free_block *next;
} *free_blocks[CLASSES];
static char *arena, *arena_end;

static size_t *header_of(const void *block) { return (size_t *)((char *)block - HEADER); }

static size_t class_of(size_t size, size_t *whole) {
  size_t class = (size + GRAIN - 1) / GRAIN;
  *whole = class * GRAIN;
  if (size <= SMALL) return class;
  class = SMALL / GRAIN + 1;
  for (*whole = 2 * SMALL; *whole < size; *whole *= 2) class++;
  return class;
}

static char *cut(size_t bytes) {
  if ((size_t)(arena_end - arena) < bytes) {
    arena = malloc(ARENA);
    arena_end = arena ? arena + ARENA : NULL;
    if (!arena) return NULL;
  }
  char *block = arena;
  arena += bytes;
  return block;
}

static void *allocate(JSMallocState *state, size_t size) {
  (void)state;
  size_t whole = size, class = 0;
  if (size <= LARGEST) {
    class = class_of(size, &whole);
    struct free_block *block = free_blocks[class];
    if (block) return free_blocks[class] = block->next, block;
  }
  char *block = whole + HEADER <= LARGEST_CUT ? cut(whole + HEADER) : malloc(whole + HEADER);
  if (!block) return NULL;
  *(size_t *)block = whole;
  return block + HEADER;
}

static void release(JSMallocState *state, void *block) {
  (void)state;
  if (!block) return;
  size_t size = *header_of(block), whole;
  if (size > LARGEST) {
    free(header_of(block));
    return;
  }
  size_t class = class_of(size, &whole);
  struct free_block *freed = block;
  freed->next = free_blocks[class];
  free_blocks[class] = freed;
}

static void *reallocate(JSMallocState *state, void *block, size_t size) {
  if (!block) return size ? allocate(state, size) : NULL;
  if (!size) return release(state, block), NULL;
  size_t had = *header_of(block);
  if (had > LARGEST && size > LARGEST) {
    size_t *moved = realloc(header_of(block), size + HEADER);
    if (!moved) return NULL;
    *moved = size;
    return (char *)moved + HEADER;
  }
  if (size <= had && had <= LARGEST) return block;
  void *moved = allocate(state, size);
  if (!moved) return NULL;
  memcpy(moved, block, had < size ? had : size);
  release(state, block);
  return moved;
}

static size_t usable_size(const void *block) { return block ? *header_of(block) : 0; }

static const JSMallocFunctions memory = {allocate, release, reallocate, usable_size};

static void print_exception(JSContext *ctx) {
  JSValue error = JS_GetException(ctx), stack = JS_GetPropertyStr(ctx, error, "stack");
  const char *text = JS_ToCString(ctx, error), *trace = JS_IsUndefined(stack) ? NULL : JS_ToCString(ctx, stack);
  fprintf(stderr, "%s\n%s", text ? text : "error", trace ? trace : "");
  JS_FreeCString(ctx, text);
  JS_FreeCString(ctx, trace);
  JS_FreeValue(ctx, stack);
  JS_FreeValue(ctx, error);
}

#ifdef COMPILER

static char *read_file(const char *path, size_t *length) {
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  *length = (size_t)ftell(file);
  rewind(file);
  char *text = malloc(*length + 1);
  if (fread(text, 1, *length, file) != *length) return NULL;
  text[*length] = 0;
  fclose(file);
  return text;
}

/* A module that another one imports need not be there to compile that one: an empty one stands in. */
static int nothing(JSContext *ctx, JSModuleDef *module) {
  (void)ctx, (void)module;
  return 0;
}

static JSModuleDef *stand_in(JSContext *ctx, const char *name, void *opaque) {
  (void)opaque;
  return JS_NewCModule(ctx, name, nothing);
}

int main(int argc, char **argv) {
  JSRuntime *rt = JS_NewRuntime2(&memory, NULL);
  JSContext *ctx = new_context(rt);
  JS_SetModuleLoaderFunc(rt, NULL, stand_in, NULL);
  FILE *out = fopen(argv[1], "w");
  if (argc < 3 || !out) return fprintf(stderr, "usage: compiler OUT.h NAME=FILE ...\n"), 2;
  for (int i = 2; i < argc; i++) {
    char *path = strchr(argv[i], '='), *name = argv[i];
    size_t length, size;
    *path++ = 0;
    char *text = read_file(path, &length);
    if (!text) return perror(path), 1;
    JSValue module = JS_Eval(ctx, text, length, name, JS_EVAL_TYPE_MODULE | JS_EVAL_FLAG_COMPILE_ONLY);
    if (JS_IsException(module)) return print_exception(ctx), 1;
    uint8_t *code = JS_WriteObject(ctx, &size, module, JS_WRITE_OBJ_BYTECODE);
    fprintf(out, "static const uint8_t module_%d[] = {", i - 2);
    for (size_t at = 0; at < size; at++) fprintf(out, "%u,", code[at]);
    fprintf(out, "};\n");
    js_free(ctx, code);
  }
  fprintf(out, "static const struct module modules[] = {\n");
  for (int i = 2; i < argc; i++) fprintf(out, "  {\"%s\", module_%d, sizeof module_%d},\n", argv[i], i - 2, i - 2);
  fprintf(out, "};\n");
  return fclose(out) ? 1 : 0;
}

#else

struct module {
  const char *name;
  const uint8_t *code;
  size_t size;
};
#include "cli-modules.h"

extern char **environ;

static uint8_t *bytes_of(JSContext *ctx, JSValueConst value, size_t *size) {
  size_t offset = 0, length = 0, whole = 0, element;
  JSValue buffer = JS_GetTypedArrayBuffer(ctx, value, &offset, &length, &element);
  if (JS_IsException(buffer)) {
    JS_FreeValue(ctx, JS_GetException(ctx));
    return JS_GetArrayBuffer(ctx, size, value);
  }
  uint8_t *data = JS_GetArrayBuffer(ctx, &whole, buffer);
  JS_FreeValue(ctx, buffer); /* the view keeps it alive */
  *size = length;
  return data ? data + offset : NULL;
}

enum { MAX_ARGS = 7 };

static JSValue host_sys(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  (void)this;
  long a[MAX_ARGS] = {0};
  const char *text[MAX_ARGS] = {0};
  int bad = 0;
  for (int i = 0; i < argc && i < MAX_ARGS && !bad; i++) {
    size_t size;
    int64_t number;
    if (JS_IsString(argv[i])) {
      text[i] = JS_ToCString(ctx, argv[i]);
      a[i] = (long)text[i];
    } else if (JS_IsObject(argv[i])) {
      a[i] = (long)bytes_of(ctx, argv[i], &size);
      bad = !a[i];
    } else if (!JS_IsNull(argv[i]) && !JS_IsUndefined(argv[i])) {
      bad = JS_ToInt64Ext(ctx, &number, argv[i]);
      a[i] = (long)number;
    }
  }
  long result = bad ? 0 : syscall(a[0], a[1], a[2], a[3], a[4], a[5], a[6]);
  int error = errno;
  for (int i = 0; i < MAX_ARGS; i++)
    if (text[i]) JS_FreeCString(ctx, text[i]);
  return bad ? JS_EXCEPTION : JS_NewInt64(ctx, result == -1 ? -error : result);
}

static JSValue host_address(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  (void)this, (void)argc;
  size_t size;
  uint8_t *data = bytes_of(ctx, argv[0], &size);
  return data ? JS_NewInt64(ctx, (int64_t)(intptr_t)data) : JS_EXCEPTION;
}

static JSValue host_encode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  (void)this, (void)argc;
  size_t size;
  const char *text = JS_ToCStringLen(ctx, &size, argv[0]);
  if (!text) return JS_EXCEPTION;
  JSValue buffer = JS_NewArrayBufferCopy(ctx, (const uint8_t *)text, size);
  JS_FreeCString(ctx, text);
  return buffer;
}

static JSValue host_decode(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  (void)this, (void)argc;
  size_t size;
  uint8_t *data = bytes_of(ctx, argv[0], &size);
  return data ? JS_NewStringLen(ctx, (const char *)data, size) : JS_EXCEPTION;
}

static uint32_t length_of(JSContext *ctx, JSValueConst list) {
  uint32_t length = 0;
  JSValue value = JS_GetPropertyStr(ctx, list, "length");
  JS_ToUint32(ctx, &length, value);
  JS_FreeValue(ctx, value);
  return length;
}

static char **strings_of(JSContext *ctx, JSValueConst list) {
  uint32_t length = length_of(ctx, list);
  char **strings = calloc(length + 1, sizeof *strings);
  for (uint32_t i = 0; strings && i < length; i++) {
    JSValue item = JS_GetPropertyUint32(ctx, list, i);
    const char *text = JS_ToCString(ctx, item);
    strings[i] = strdup(text ? text : "");
    JS_FreeCString(ctx, text);
    JS_FreeValue(ctx, item);
  }
  return strings;
}

static void free_strings(char **strings) {
  for (char **each = strings; each && *each; each++) free(*each);
  free(strings);
}

static JSValue host_spawn(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  (void)this, (void)argc;
  const char *path = JS_ToCString(ctx, argv[0]);
  char **args = strings_of(ctx, argv[1]), **env = strings_of(ctx, argv[2]);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  for (uint32_t i = 0, count = length_of(ctx, argv[3]); i < count; i++) {
    int32_t fd = -1;
    JSValue item = JS_GetPropertyUint32(ctx, argv[3], i);
    JS_ToInt32(ctx, &fd, item);
    JS_FreeValue(ctx, item);
    posix_spawn_file_actions_adddup2(&actions, fd, (int)i);
  }
  /* signals that are held back here (signalfd) are the child's own affair */
  posix_spawnattr_t attributes;
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t pid = 0;
  int error = posix_spawnp(&pid, path, &actions, &attributes, args, env);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  JS_FreeCString(ctx, path);
  free_strings(args);
  free_strings(env);
  return JS_NewInt32(ctx, error ? -error : pid);
}

static JSValue host_execute(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  (void)this, (void)argc;
  const char *path = JS_ToCString(ctx, argv[0]);
  char **args = strings_of(ctx, argv[1]), **env = strings_of(ctx, argv[2]);
  execve(path, args, env);
  int error = errno;
  JS_FreeCString(ctx, path);
  free_strings(args);
  free_strings(env);
  return JS_NewInt32(ctx, -error);
}

static JSValue list_of(JSContext *ctx, char **strings) {
  JSValue list = JS_NewArray(ctx);
  for (uint32_t i = 0; strings[i]; i++) JS_SetPropertyUint32(ctx, list, i, JS_NewString(ctx, strings[i]));
  return list;
}

/*
 * Directories, for build contexts: the listing of ten thousand files is made here, since a script would take longer over it
 * than the kernel does.
 */

struct text {
  char *bytes;
  size_t length, room;
};

static void put(struct text *text, const char *bytes, size_t length) {
  if (text->length + length > text->room) {
    size_t room = (text->length + length) * 2 + 256;
    char *grown = realloc(text->bytes, room);
    if (!grown) abort();
    text->bytes = grown;
    text->room = room;
  }
  char *to = text->bytes + text->length;
  text->length += length;
  if (length > 16)
    memcpy(to, bytes, length);
  else /* a call takes longer */
    while (length--) *to++ = *bytes++;
}

/* Bytes as a JSON text has them, each a character of its own. */
static void put_json(struct text *text, const char *bytes) {
  for (const char *from = bytes;; bytes++) {
    unsigned char c = (unsigned char)*bytes;
    if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\') continue;
    put(text, from, (size_t)(bytes - from));
    if (!c) return;
    char escaped[8];
    put(text, escaped, (size_t)snprintf(escaped, sizeof escaped, "\\u%04x", c));
    from = bytes + 1;
  }
}

/* Bytes as UTF-8 of the characters that they are. */
static void put_characters(struct text *text, const char *bytes) {
  for (; *bytes; bytes++) {
    unsigned char c = (unsigned char)*bytes;
    char two[2] = {(char)(0xc0 | c >> 6), (char)(0x80 | (c & 0x3f))};
    c < 0x80 ? put(text, bytes, 1) : put(text, two, 2);
  }
}

static void put_number(struct text *text, uint64_t number) {
  char digits[20], *at = digits + sizeof digits;
  do *--at = (char)('0' + number % 10);
  while (number /= 10);
  put(text, at, (size_t)(digits + sizeof digits - at));
}

static void put_time(struct text *text, struct timespec time) {
  int64_t nanoseconds = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
  if (nanoseconds < 0) put(text, "-", 1);
  put_number(text, nanoseconds < 0 ? -(uint64_t)nanoseconds : (uint64_t)nanoseconds);
}

/* A row of api/build.ts's ContextFile. */
static void put_row(struct text *rows, const char *kind, const char *path, const char *link, const struct stat *s) {
  put(rows, "{\"t\":\"", 6), put(rows, kind, 1), put(rows, "\",\"p\":\"", 7);
  put_json(rows, path);
  put(rows, "\"", 1);
  if (link) put(rows, ",\"l\":\"", 6), put_json(rows, link), put(rows, "\"", 1);
  put(rows, ",\"m\":", 5), put_number(rows, s->st_mode & 07777);
  put(rows, ",\"s\":", 5), put_number(rows, S_ISREG(s->st_mode) ? (uint64_t)s->st_size : 0);
  put(rows, ",\"k\":\"", 6), put_time(rows, s->st_mtim);
  put(rows, ".", 1), put_time(rows, s->st_ctim);
  put(rows, ".", 1), put_number(rows, s->st_ino);
  put(rows, "\"}", 2);
}

static const char *kind_of(mode_t mode) {
  return S_ISREG(mode) ? "f" : S_ISDIR(mode) ? "d" : S_ISLNK(mode) ? "l" : S_ISFIFO(mode) ? "p" : NULL;
}

/* Where names lie in a text: texts move while they grow. */
struct name {
  size_t at;
};
static const struct text *sorted_names;

static int by_name(const void *a, const void *b) {
  return strcmp(sorted_names->bytes + ((const struct name *)a)->at, sorted_names->bytes + ((const struct name *)b)->at);
}

/* The names in a directory, sorted by their bytes; what `.` and `..` are in it too is left out. How many, or -errno. */
static int read_names(DIR *directory, struct text *names, struct text *places) {
  names->length = places->length = 0;
  for (;;) {
    errno = 0;
    const struct dirent *entry = readdir(directory);
    if (!entry) break;
    if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
    struct name place = {names->length};
    put(places, (const char *)&place, sizeof place);
    put(names, entry->d_name, strlen(entry->d_name) + 1);
  }
  if (errno) return -errno;
  size_t count = places->length / sizeof(struct name);
  sorted_names = names;
  if (count) qsort(places->bytes, count, sizeof(struct name), by_name);
  return (int)count;
}

/*
 * host.list(path, prefix): path is bytes ending in 0, prefix too. Three strings of a directory's entries, sorted by name: their
 * kinds, a character each; their paths (prefix and name), a NUL between each two; their rows as JSON, ",\n" between each two,
 * which no row has in it. What is neither file, directory, link nor pipe is left out. Or -errno.
 */
static JSValue host_list(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  (void)this, (void)argc;
  size_t size;
  const char *path = (const char *)bytes_of(ctx, argv[0], &size), *prefix = (const char *)bytes_of(ctx, argv[1], &size);
  if (!path || !prefix) return JS_EXCEPTION;
  /* kept for the next directory */
  static struct text names, places, kinds, paths, rows, full;
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR *directory = fd < 0 ? NULL : fdopendir(fd);
  int count = directory ? read_names(directory, &names, &places) : -errno;
  if (count < 0) {
    if (directory) closedir(directory);
    else if (fd >= 0) close(fd);
    return JS_NewInt32(ctx, count);
  }
  kinds.length = paths.length = rows.length = full.length = 0;
  put(&full, prefix, strlen(prefix));
  size_t start = full.length;
  for (int i = 0; i < count; i++) {
    struct stat s;
    char link[4096];
    const char *name = names.bytes + ((const struct name *)places.bytes)[i].at;
    int there = !fstatat(fd, name, &s, AT_SYMLINK_NOFOLLOW);
    const char *kind = there ? kind_of(s.st_mode) : NULL;
    if (!kind) continue;
    ssize_t length = *kind == 'l' ? readlinkat(fd, name, link, sizeof link - 1) : 0;
    link[length < 0 ? 0 : length] = 0;
    full.length = start;
    put(&full, name, strlen(name) + 1);
    if (kinds.length) put(&paths, "", 1), put(&rows, ",\n", 2);
    put(&kinds, kind, 1);
    put_characters(&paths, full.bytes);
    put_row(&rows, kind, full.bytes, *kind == 'l' ? link : NULL, &s);
  }
  closedir(directory);
  JSValue list = JS_NewArray(ctx);
  const struct text *texts[] = {&kinds, &paths, &rows};
  for (uint32_t i = 0; i < 3; i++)
    JS_SetPropertyUint32(ctx, list, i, JS_NewStringLen(ctx, texts[i]->bytes ? texts[i]->bytes : "", texts[i]->length));
  return list;
}

/*
 * host.sha256(state, bytes, length): state is 104 bytes, the first 32 the initial hash value as native words and the rest 0.
 * Takes so many of the bytes; a length below 0 ends it, and the digest is in the first 32 bytes.
 */
static JSValue host_sha256(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv) {
  (void)this, (void)argc;
  size_t size, room;
  int64_t length;
  struct sha256 state;
  uint8_t *held = bytes_of(ctx, argv[0], &size), *bytes = bytes_of(ctx, argv[1], &room);
  if (!held || !bytes || size < sizeof state || JS_ToInt64(ctx, &length, argv[2])) return JS_EXCEPTION;
  memcpy(&state, held, sizeof state);
  if (length < 0) finish(&state);
  else take(&state, bytes, (size_t)length < room ? (size_t)length : room);
  memcpy(held, &state, sizeof state);
  return JS_UNDEFINED;
}

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("sys", 7, host_sys),         JS_CFUNC_DEF("address", 1, host_address),
    JS_CFUNC_DEF("encode", 1, host_encode),   JS_CFUNC_DEF("decode", 1, host_decode),
    JS_CFUNC_DEF("spawn", 4, host_spawn),     JS_CFUNC_DEF("execute", 3, host_execute),
    JS_CFUNC_DEF("list", 2, host_list),       JS_CFUNC_DEF("sha256", 3, host_sha256),
};

static JSValue read_module(JSContext *ctx, const char *name) {
  for (size_t i = 0; i < sizeof modules / sizeof *modules; i++)
    if (!strcmp(modules[i].name, name))
      return JS_ReadObject(ctx, modules[i].code, modules[i].size, JS_READ_OBJ_BYTECODE | JS_READ_OBJ_ROM_DATA);
  return JS_ThrowReferenceError(ctx, "no module %s", name);
}

static JSModuleDef *load_module(JSContext *ctx, const char *name, void *opaque) {
  (void)opaque;
  JSValue module = read_module(ctx, name);
  return JS_IsException(module) ? NULL : JS_VALUE_GET_PTR(module);
}

/* `./chunk.js`, from wherever, is the module `chunk.js`. */
static char *normalise(JSContext *ctx, const char *base, const char *name, void *opaque) {
  (void)base, (void)opaque;
  return js_strdup(ctx, !strncmp(name, "./", 2) ? name + 2 : name);
}

static int run_jobs(JSRuntime *rt) {
  JSContext *ctx;
  int ran;
  while ((ran = JS_ExecutePendingJob(rt, &ctx)) > 0) continue;
  if (ran < 0) print_exception(ctx);
  return ran;
}

int main(int argc, char **argv) {
  (void)argc;
  JSRuntime *rt = JS_NewRuntime2(&memory, NULL);
  JSContext *ctx = new_context(rt);
  JS_SetMaxStackSize(rt, 1 << 20);
  JS_SetGCThreshold(rt, 16 << 20); /* cycles only; all else is freed when its last reference goes */
  JS_SetModuleLoaderFunc(rt, normalise, load_module, NULL);
  JSValue global = JS_GetGlobalObject(ctx), host = JS_NewObject(ctx);
  JS_SetPropertyFunctionList(ctx, host, functions, sizeof functions / sizeof *functions);
  JS_SetPropertyStr(ctx, host, "args", list_of(ctx, argv));
  JS_SetPropertyStr(ctx, host, "env", list_of(ctx, environ));
  JS_SetPropertyStr(ctx, global, "host", JS_DupValue(ctx, host));

  JSValue main_module = read_module(ctx, "main.js");
  if (JS_IsException(main_module) || JS_ResolveModule(ctx, main_module) < 0) return print_exception(ctx), 1;
  JSValue result = JS_EvalFunction(ctx, main_module);
  if (JS_IsException(result)) return print_exception(ctx), 1;
  for (;;) {
    if (run_jobs(rt) < 0) return 1;
    JSValue turn = JS_GetPropertyStr(ctx, host, "turn"), again = JS_Call(ctx, turn, host, 0, NULL);
    JS_FreeValue(ctx, turn);
    if (JS_IsException(again)) return print_exception(ctx), 1;
    /* a command exits by itself: what waits for nothing and has not must not pass for done */
    if (!JS_ToBool(ctx, again)) return fputs("hoist: the command came to no end\n", stderr), 1;
  }
}

#endif
