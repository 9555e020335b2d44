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
 *   host.args, host.env                 the process's own
 *
 * The module `main` is evaluated; then `host.turn()` is called until it says false, jobs being run in between.
 *
 * With -DCOMPILER it is the compiler of those modules: `compiler OUT.h NAME=FILE …` writes their bytecode as C.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "quickjs.h"

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
  pid_t pid = 0;
  int error = posix_spawnp(&pid, path, &actions, NULL, args, env);
  posix_spawn_file_actions_destroy(&actions);
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

static const JSCFunctionListEntry functions[] = {
    JS_CFUNC_DEF("sys", 7, host_sys),         JS_CFUNC_DEF("address", 1, host_address),
    JS_CFUNC_DEF("encode", 1, host_encode),   JS_CFUNC_DEF("decode", 1, host_decode),
    JS_CFUNC_DEF("spawn", 4, host_spawn),     JS_CFUNC_DEF("execute", 3, host_execute),
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
    if (!JS_ToBool(ctx, again)) return 0;
  }
}

#endif
