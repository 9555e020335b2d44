/*
 * Playing a tape: what a process does to itself on the way to exec. Nothing is decided here, only done.
 *
 * Whatever is inside the root is hostile. Paths in it are resolved once, beneath it, by openat2; what is mounted is
 * moved onto the descriptor that was found; /proc is reached through the mount that was made here.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/seccomp.h>
#include "shim.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#ifndef MNT_DETACH
#define MNT_DETACH 2
#endif
enum { DEVPTS_MAGIC = 0x1cd1, PROC_MAGIC = 0x9fa0, MAX_LINKS = 40, MAX_BINDS = 512, NO_OP = 0 };

static const struct birth *birth;
static int sync_fd, root = -1, proc = -1, pts = -1, terminal = -1;
static int trees[MAX_BINDS], tree_count, trees_used;
static int covers[2] = {-1, -1}; /* what masks a file and a directory: detached until first used, then cloned */
static bool covered[2];
static uint32_t playing = NO_OP; /* the op under way, for what goes wrong */
static const char *program;
static struct cursor init_tape; /* mapped before OP_STREAMS closes its descriptor */

static void tell(uint32_t type, int error, const char *text, int fd) {
  struct sync sync = {.type = type, .op = playing, .error = error};
  strncpy(sync.text, text, sizeof sync.text - 1);
  struct iovec part = {&sync, offsetof(struct sync, text) + strlen(sync.text) + 1};
  union {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control = {0};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (fd >= 0) {
    message.msg_control = &control;
    message.msg_controllen = sizeof control.bytes;
    control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.header), &fd, sizeof fd);
  }
  sendmsg(sync_fd, &message, MSG_NOSIGNAL);
}

static _Noreturn void fail(int error, const char *text) {
  tell(SYNC_FAILED, error, text, -1);
  _exit(1);
}

static void warn(int error, const char *text) { tell(SYNC_WARNING, error, text, -1); }

/* The result of a call that must succeed. */
static int must(long result, const char *text) {
  if (result < 0) fail(errno, text);
  return (int)result;
}

/* ---- paths in the root ---- */

static int open_in_root(const char *path, uint64_t flags, uint64_t mode) {
  struct open_how how = {.flags = flags | O_CLOEXEC, .mode = mode, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
  for (int tries = 0;; tries++) { /* EAGAIN: something was renamed or mounted meanwhile */
    int fd = (int)syscall(SYS_openat2, root, path, &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR) || tries == 100) return fd;
  }
}

static int make_directory(const char *path, int depth);

/* What a symbolic link that leads nowhere names is made too. The link is read by its parent's descriptor. */
static int make_link_target(int parent, const char *path, size_t before, const char *name, int depth) {
  char target[PATH_MAX], whole[PATH_MAX];
  ssize_t n = readlinkat(parent, name, target, sizeof target - 1);
  if (n < 0) return -1;
  size_t lead = target[0] == '/' ? 0 : before;
  if (lead + (size_t)n >= sizeof whole) return errno = ENAMETOOLONG, -1;
  memcpy(whole, path, lead);
  memcpy(whole + lead, target, (size_t)n);
  whole[lead + (size_t)n] = 0;
  return make_directory(whole, depth + 1);
}

/* Opens a directory in the root, making what is missing on the way. */
static int make_directory(const char *path, int depth) {
  char prefix[PATH_MAX];
  size_t length = strlen(path);
  if (length >= sizeof prefix) return errno = ENAMETOOLONG, -1;
  if (depth > MAX_LINKS) return errno = ELOOP, -1;
  int fd = open_in_root(path, O_PATH | O_DIRECTORY, 0);
  if (fd >= 0 || errno != ENOENT) return fd;
  int parent = open_in_root("/", O_PATH | O_DIRECTORY, 0);
  for (size_t start = 0; parent >= 0;) {
    while (path[start] == '/') start++;
    size_t end = start + strcspn(path + start, "/");
    if (end == start) break;
    memcpy(prefix, path, end);
    prefix[end] = 0;
    int next = open_in_root(prefix, O_PATH | O_DIRECTORY, 0);
    if (next < 0 && errno == ENOENT) {
      if (mkdirat(parent, prefix + start, 0755) == 0) next = open_in_root(prefix, O_PATH | O_DIRECTORY, 0);
      else if (errno == EEXIST) next = make_link_target(parent, path, start, prefix + start, depth);
    }
    int error = errno;
    close(parent);
    errno = error;
    parent = next;
    start = end;
  }
  return parent;
}

/* Splits a path at its last name, and opens (making it) the directory before it. */
static int make_parent(const char *path, const char **name) {
  char before[PATH_MAX];
  const char *slash = strrchr(path, '/');
  *name = slash ? slash + 1 : path;
  size_t length = slash ? (size_t)(slash - path) : 0;
  if (length >= sizeof before) return errno = ENAMETOOLONG, -1;
  memcpy(before, path, length);
  before[length] = 0;
  return make_directory(length ? before : "/", 0);
}

/* Opens the place where something is to be mounted, making a directory or an empty file when there is none. */
static int make_target(const char *path, bool directory) {
  if (directory) return make_directory(path, 0);
  int fd = open_in_root(path, O_PATH, 0);
  if (fd >= 0 || errno != ENOENT) return fd;
  const char *name;
  int parent = make_parent(path, &name);
  if (parent < 0) return -1;
  int file = openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0755);
  if (file >= 0) close(file);
  close(parent);
  return open_in_root(path, O_PATH, 0);
}

/* ---- mounts ---- */

static int open_tree(int directory, const char *path, bool recursive) {
  unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  return (int)syscall(SYS_open_tree, directory, path, flags);
}

static int move_mount(int tree, int target) {
  return (int)syscall(SYS_move_mount, tree, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int set_attributes(int mount, uint64_t set, uint64_t clear, uint64_t propagation, bool recursive) {
  if (!set && !clear && !propagation) return 0;
  struct mount_attr attributes = {.attr_set = set, .attr_clr = clear, .propagation = propagation};
  unsigned flags = AT_EMPTY_PATH | (recursive ? AT_RECURSIVE : 0);
  return (int)syscall(SYS_mount_setattr, mount, "", flags, &attributes, sizeof attributes);
}

/* Kernels before 5.12 have no mount_setattr: the mount at the current directory is remounted, only itself. */
static int remount(int mount, uint64_t set, uint64_t propagation) {
  static const unsigned long words[][2] = {{MOUNT_ATTR_RDONLY, MS_RDONLY}, {MOUNT_ATTR_NOSUID, MS_NOSUID},
    {MOUNT_ATTR_NODEV, MS_NODEV}, {MOUNT_ATTR_NOEXEC, MS_NOEXEC}, {MOUNT_ATTR_NOATIME, MS_NOATIME}};
  unsigned long flags = MS_REMOUNT | MS_BIND;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (set & words[i][0]) flags |= words[i][1];
  char path[] = "/proc/self/fd/0000000000";
  char *end = path + sizeof "/proc/self/fd/" - 1, digits[12];
  int n = 0;
  for (int rest = mount; rest || !n; rest /= 10) digits[n++] = (char)('0' + rest % 10);
  while (n) *end++ = digits[--n];
  *end = 0;
  if (propagation && syscall(SYS_mount, "", path, "", propagation, "") < 0) return -1;
  return set ? (int)syscall(SYS_mount, "", path, "", flags, "") : 0;
}

static void must_set(int mount, uint64_t set, uint64_t clear, uint64_t propagation, uint32_t flags, const char *text) {
  int result = set_attributes(mount, set, clear, 0, flags & MOUNTFLAG_RECURSIVE_ATTRIBUTES);
  if (result == 0) result = set_attributes(mount, 0, 0, propagation, flags & MOUNTFLAG_RECURSIVE_PROPAGATION);
  if (result < 0 && errno == ENOSYS) result = remount(mount, set, propagation);
  must(result, text);
}

static bool is_directory(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Opens a mount's target. Over a file of /proc a container could put what its keeper or its programs would trust. */
static int must_target(const char *path, bool directory, uint32_t flags) {
  struct statfs found;
  int target = must(make_target(path, directory), path);
  must(fstatfs(target, &found), path);
  if ((unsigned long)found.f_type == PROC_MAGIC && !(flags & MOUNTFLAG_IN_PROC)) fail(EXDEV, path);
  return target;
}

static bool is_null(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 && S_ISCHR(status.st_mode) && status.st_rdev == makedev(1, 3);
}

/*
 * What is mounted in another container comes from inside its mount namespace, where its own links cannot lead out: this
 * process goes there and back.
 */
static int open_foreign(const char *namespace, const char *source, bool recursive) {
  struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS};
  int home = must(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), namespace);
  int there = must(open(namespace, O_RDONLY | O_CLOEXEC), namespace);
  must(setns(there, CLONE_NEWNS), namespace);
  int place = must(syscall(SYS_openat2, AT_FDCWD, source, &how, sizeof how), source);
  int tree = must(open_tree(place, "", recursive), source);
  must(setns(home, CLONE_NEWNS), namespace);
  close(home), close(there), close(place);
  return tree;
}

/* Binds have their sources taken before any mount changes: as the host has them, in the host's peer groups. */
static void open_sources(struct cursor tape) {
  for (struct operation op; next_op(&tape, &op);) {
    if (op.code != OP_BIND) continue;
    playing = OP_BIND;
    op.body.at += 24;
    uint32_t flags = take_u32(&op.body);
    const char *source = take_string(&op.body);
    take_string(&op.body);
    const char *namespace = take_string(&op.body);
    if (tree_count == MAX_BINDS) fail(E2BIG, source);
    bool recursive = flags & MOUNTFLAG_RECURSIVE;
    int tree = *namespace ? open_foreign(namespace, source, recursive) : open_tree(AT_FDCWD, source, recursive);
    if (tree < 0 && !(errno == ENOENT && (flags & MOUNTFLAG_OPTIONAL))) fail(errno, source);
    trees[tree_count++] = tree;
  }
}

static void play_rootfs(struct cursor *body) {
  open_sources(birth->tape);
  playing = OP_ROOTFS;
  covers[0] = must(open_tree(AT_FDCWD, "/dev/null", false), "/dev/null");
  if (!is_null(covers[0])) fail(ENODEV, "/dev/null");
  must(syscall(SYS_mount, "", "/", "", MS_REC | MS_PRIVATE, ""), "/");
  const char *path = take_string(body);
  int target = must(open(path, O_PATH | O_DIRECTORY | O_CLOEXEC), path);
  root = birth->rootfs;
  must(move_mount(root, target), path);
  close(target);
}

static int new_mount(const char *type, struct cursor *options, uint64_t attributes) {
  int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  int result = (int)syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, "source", type, 0);
  while (result == 0 && options && options->at < options->end) {
    char key[PATH_MAX];
    const char *option = take_string(options), *equals = strchr(option, '=');
    size_t length = equals ? (size_t)(equals - option) : strlen(option);
    if (length >= sizeof key) break;
    memcpy(key, option, length);
    key[length] = 0;
    result = (int)(equals ? syscall(SYS_fsconfig, context, FSCONFIG_SET_STRING, key, equals + 1, 0)
                          : syscall(SYS_fsconfig, context, FSCONFIG_SET_FLAG, key, NULL, 0));
  }
  if (result == 0) result = (int)syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
  if (result == 0) result = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, (unsigned)attributes);
  int error = errno;
  close(context);
  errno = error;
  return result;
}

static void play_mount(struct cursor *body) {
  uint64_t attributes = take_u64(body), propagation = take_u64(body);
  uint32_t flags = take_u32(body);
  const char *type = take_string(body), *path = take_string(body);
  int mount = new_mount(type, body, attributes);
  if (mount < 0 && errno == ENODEV && (flags & MOUNTFLAG_OPTIONAL)) return warn(errno, path);
  must(mount, path);
  int target = must_target(path, true, flags);
  must(move_mount(mount, target), path);
  close(target);
  must_set(mount, 0, 0, propagation, flags, path);
  if (!strcmp(type, "proc") && proc < 0) proc = mount;
  else if (!strcmp(type, "devpts") && pts < 0) pts = mount;
  else close(mount);
}

static void play_bind(struct cursor *body) {
  uint64_t set = take_u64(body), clear = take_u64(body), propagation = take_u64(body);
  uint32_t flags = take_u32(body);
  take_string(body);
  const char *path = take_string(body);
  int tree = trees[trees_used++];
  if (tree < 0) return;
  bool directory = is_directory(tree);
  int target = must_target(path, directory, flags);
  if (is_directory(target) != directory) fail(ENOTDIR, path);
  must(move_mount(tree, target), path);
  close(target);
  must_set(tree, set, clear, propagation, flags, path);
  close(tree);
}

/* Puts what a descriptor has open at a path of the root, as a mount of its own. A link is not followed. */
static void bind_onto(int fd, const char *path) {
  const char *name;
  int parent = must(make_parent(path, &name), path), tree = must(open_tree(fd, "", false), path);
  int file = openat(parent, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, 0600);
  if (file >= 0) close(file);
  int target = must(openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC), path);
  struct stat status;
  if (fstat(target, &status) < 0 || S_ISLNK(status.st_mode)) fail(ELOOP, path);
  must(move_mount(tree, target), path);
  close(tree);
  close(target);
  close(parent);
}

static void play_device(struct cursor *body) {
  mode_t mode = (mode_t)take_u32(body);
  uint32_t major = take_u32(body), minor = take_u32(body), uid = take_u32(body), gid = take_u32(body);
  const char *path = take_string(body), *name;
  int parent = must(make_parent(path, &name), path);
  if (mknodat(parent, name, mode, makedev(major, minor)) < 0) {
    struct stat status;
    int error = errno;
    bool same = error == EEXIST && fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                (status.st_mode & S_IFMT) == (mode & S_IFMT) && status.st_rdev == makedev(major, minor);
    if (error == EPERM) { /* no right to make nodes: the host's own is lent */
      int host = must(open(path, O_PATH | O_CLOEXEC), path);
      bind_onto(host, path);
      close(host);
    } else if (!same) {
      fail(error, path);
    }
  } else {
    must(fchownat(parent, name, uid, gid, AT_SYMLINK_NOFOLLOW), path);
    must(fchmodat(parent, name, mode & 07777, 0), path);
  }
  close(parent);
}

static void play_symlink(struct cursor *body) {
  const char *content = take_string(body), *path = take_string(body), *name;
  int parent = must(make_parent(path, &name), path);
  if (symlinkat(content, parent, name) < 0 && errno != EEXIST) fail(errno, path);
  close(parent);
}

/* The terminal comes from the container's own devpts, which an exec has to recognise: there it was not mounted here. */
static void play_console(struct cursor *body) {
  uint32_t uid = take_u32(body);
  struct statfs found;
  struct open_how how = {.flags = O_RDWR | O_NOCTTY | O_CLOEXEC, .resolve = RESOLVE_NO_SYMLINKS};
  int master = pts >= 0 ? openat(pts, "ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
                        : (int)syscall(SYS_openat2, AT_FDCWD, "/dev/pts/ptmx", &how, sizeof how);
  must(master, "/dev/pts/ptmx");
  must(fstatfs(master, &found), "/dev/pts/ptmx");
  if ((unsigned long)found.f_type != DEVPTS_MAGIC) fail(EPERM, "/dev/pts/ptmx");
  int unlock = 0;
  must(ioctl(master, TIOCSPTLCK, &unlock), "TIOCSPTLCK");
  terminal = must(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), "TIOCGPTPEER");
  struct winsize size = {.ws_row = birth->rows, .ws_col = birth->columns};
  if (size.ws_row || size.ws_col) ioctl(master, TIOCSWINSZ, &size);
  if (fchown(terminal, uid, (gid_t)-1) < 0 && errno != EPERM && errno != EROFS) fail(errno, "terminal");
  if (birth->rootfs >= 0) bind_onto(terminal, "/dev/console");
  tell(SYNC_CONSOLE, 0, "", master);
  close(master);
}

static void play_pivot(void) {
  must(fchdir(root), "/");
  must(syscall(SYS_pivot_root, ".", "."), "/");
  must(syscall(SYS_umount2, ".", MNT_DETACH), "/");
  must(chdir("/"), "/");
}

/* ---- what is set in the container's namespaces ---- */

static void play_network(void) {
  char byte;
  if (read(sync_fd, &byte, 1) != 1 || byte != SYNC_NETWORK_DONE) _exit(1);
}

/* /proc as mounted here; where the container has none, one of no place. */
static int proc_mount(void) {
  if (proc < 0) proc = must(new_mount("proc", NULL, 0), "/proc");
  return proc;
}

static void write_file(int directory, uint64_t resolve, const char *path, const char *value, const char *text) {
  struct open_how how = {.flags = O_WRONLY | O_CLOEXEC, .resolve = resolve};
  int fd = must(syscall(SYS_openat2, directory, path, &how, sizeof how), text);
  struct statfs found;
  must(fstatfs(fd, &found), text);
  if ((unsigned long)found.f_type != PROC_MAGIC) fail(EPERM, text);
  must(write(fd, value, strlen(value)), text);
  close(fd);
}

static void play_sysctl(struct cursor *body) {
  const char *name = take_string(body), *value = take_string(body);
  struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
                         .resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS};
  int directory = must(syscall(SYS_openat2, proc_mount(), "sys", &how, sizeof how), name);
  write_file(directory, how.resolve, name, value, name);
  close(directory);
}

static void play_attributes(struct cursor *body) {
  uint64_t attributes = take_u64(body), propagation = take_u64(body);
  const char *path = take_string(body);
  int fd = must(open_in_root(path, O_PATH, 0), path);
  must_set(fd, attributes, 0, propagation, MOUNTFLAG_RECURSIVE_PROPAGATION, path);
  close(fd);
}

static void play_readonly(const char *path) {
  int fd = open_in_root(path, O_PATH, 0);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return;
  int tree = must(open_tree(must(fd, path), "", true), path);
  must(move_mount(tree, fd), path);
  must_set(tree, MOUNT_ATTR_RDONLY, 0, 0, MOUNTFLAG_RECURSIVE_ATTRIBUTES, path);
  close(tree);
  close(fd);
}

/* A directory is covered by an empty one, made once for all, anything else by the null device. */
static void play_mask(const char *path) {
  int fd = open_in_root(path, O_PATH, 0);
  if (fd < 0 && (errno == ENOENT || errno == ENOTDIR)) return;
  must(fd, path);
  bool directory = is_directory(fd);
  if (directory && covers[1] < 0) covers[1] = must(new_mount("tmpfs", NULL, MOUNT_ATTR_RDONLY), path);
  int cover = covers[directory];
  if (covered[directory]) cover = must(open_tree(cover, "", false), path);
  must(move_mount(cover, fd), path);
  if (covered[directory]) close(cover);
  covered[directory] = true;
  close(fd);
}

/* ---- what is set in the process ---- */

static void play_cgroup(const char *path) {
  int fd = must(open(path, O_WRONLY | O_CLOEXEC), path);
  must(write(fd, "0", 1), path);
  close(fd);
}

static void play_oom_score(int score) {
  char text[12], *at = text + sizeof text - 1;
  unsigned rest = (unsigned)(score < 0 ? -score : score);
  *at = 0;
  do *--at = (char)('0' + rest % 10);
  while (rest /= 10);
  if (score < 0) *--at = '-';
  int fd = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (fd < 0 || write(fd, at, strlen(at)) < 0) warn(errno, at);
  if (fd >= 0) close(fd);
}

/* Limits above the hard limit want CAP_SYS_RESOURCE: without it the nearest that can be had. */
static void play_rlimit(struct cursor *body) {
  int resource = (int)take_u32(body);
  take_u32(body);
  struct rlimit now, wanted = {.rlim_cur = take_u64(body)};
  wanted.rlim_max = take_u64(body);
  if (setrlimit((unsigned)resource, &wanted) == 0) return;
  if (errno != EPERM) fail(errno, "rlimit");
  must(getrlimit((unsigned)resource, &now), "rlimit");
  if (wanted.rlim_max > now.rlim_max) wanted.rlim_max = now.rlim_max;
  if (wanted.rlim_cur > wanted.rlim_max) wanted.rlim_cur = wanted.rlim_max;
  must(setrlimit((unsigned)resource, &wanted), "rlimit");
  warn(EPERM, take_string(body));
}

static void play_label(struct cursor *body) {
  char path[64] = "/proc/self/attr/";
  const char *attribute = take_string(body), *label = take_string(body);
  strncat(path, attribute, sizeof path - strlen(path) - 1);
  write_file(AT_FDCWD, 0, path, label, label);
}

/* Standard streams into place, and all else closed: nothing of the host is open when the container's paths are walked. */
static void play_streams(uint32_t uid) {
  int from[3];
  int empty = -1;
  for (int i = 0; i < 3; i++) {
    from[i] = terminal >= 0 ? terminal : birth->streams[i];
    if (from[i] < 0) {
      if (empty < 0) empty = open("/dev/null", O_RDWR | O_CLOEXEC);
      if (empty >= 0 && !is_null(empty)) close(empty), empty = -1;
      from[i] = empty;
    } else if (terminal < 0 && fchown(from[i], uid, (gid_t)-1) < 0 && errno != EPERM) {
      fail(errno, "standard stream");
    }
  }
  for (int i = 0; i < 3; i++) /* each is above 2, so none is overwritten before its use; without a true /dev/null, the host's */
    if (from[i] >= 0) must(dup2(from[i], i), "standard stream");
  if (terminal >= 0) must(ioctl(0, TIOCSCTTY, 0), "TIOCSCTTY");
  struct stat status;
  if (birth->init_tape >= 0 && fstat(birth->init_tape, &status) == 0) {
    void *bytes = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, birth->init_tape, 0);
    if (bytes == MAP_FAILED || !tape_open(&init_tape, bytes, (size_t)status.st_size)) fail(EINVAL, "tape");
  }
  if (sync_fd != 3) must(dup3(sync_fd, 3, O_CLOEXEC), "sync");
  sync_fd = 3;
  must(syscall(SYS_close_range, 4u, ~0u, 0u), "close_range");
  root = proc = pts = terminal = -1;
}

static void play_seccomp(const struct cursor *body) {
  struct sock_fprog filter = {.len = (unsigned short)((size_t)(body->end - body->at) / sizeof(struct sock_filter)),
                              .filter = (struct sock_filter *)(uintptr_t)body->at};
  if (!filter.len) return;
  long result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &filter);
  if (result < 0 && errno == EINVAL) result = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter);
  must(result, "seccomp");
}

static void play_seccomp_of_init(void) {
  struct cursor tape = init_tape;
  for (struct operation op; next_op(&tape, &op);)
    if (op.code == OP_SECCOMP) play_seccomp(&op.body);
}

static void play_user(struct cursor *body) {
  uint32_t uid = take_u32(body), gid = take_u32(body);
  size_t count = (size_t)(body->end - body->at) / sizeof(gid_t);
  must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), "keepcaps");
  must(syscall(SYS_setgroups, count, body->at), "setgroups");
  must(syscall(SYS_setresgid, gid, gid, gid), "setresgid");
  must(syscall(SYS_setresuid, uid, uid, uid), "setresuid");
  must(prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0), "keepcaps");
  prctl(PR_SET_PDEATHSIG, SIGKILL); /* forgotten when the user changes */
}

static void play_bounding(uint64_t keep) {
  for (unsigned long c = 0; c < 64 && prctl(PR_CAPBSET_READ, c, 0, 0, 0) >= 0; c++)
    if (!(keep >> c & 1) && prctl(PR_CAPBSET_DROP, c, 0, 0, 0) < 0) fail(errno, "bounding set");
}

static void play_capabilities(struct cursor *body) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct data[2];
  must(syscall(SYS_capget, &header, data), "capget");
  uint64_t have = data[0].permitted | (uint64_t)data[1].permitted << 32;
  uint64_t effective = take_u64(body), permitted = take_u64(body), inheritable = take_u64(body), ambient = take_u64(body);
  if (permitted & ~have) warn(EPERM, "");
  effective &= have, permitted &= have, inheritable &= have, ambient &= have;
  for (int i = 0; i < 2; i++) {
    data[i].effective = (uint32_t)(effective >> 32 * i);
    data[i].permitted = (uint32_t)(permitted >> 32 * i);
    data[i].inheritable = (uint32_t)(inheritable >> 32 * i);
  }
  must(syscall(SYS_capset, &header, data), "capset");
  prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  for (unsigned long c = 0; c < 64; c++)
    if (ambient >> c & 1) prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, c, 0, 0);
}

/* The directory must be beneath the root: a path that led out of it (by a descriptor left open) shows as unreachable. */
static void play_directory(const char *path) {
  char where[PATH_MAX];
  must(chdir(path), path);
  long n = syscall(SYS_getcwd, where, sizeof where);
  if (n < 0 && errno != ERANGE && errno != ENOENT) fail(errno, path);
  if (n > 0 && where[0] != '/') fail(EXDEV, path);
}

static void play_program(struct cursor *body) {
  int error = ENOENT;
  const char *path = "";
  take_u32(body);
  while (body->at < body->end) {
    struct stat status;
    path = take_string(body);
    if (stat(path, &status) < 0) error = errno;
    else if (S_ISDIR(status.st_mode)) error = EISDIR;
    else if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 || !(status.st_mode & 0111)) error = EACCES;
    else {
      program = path;
      return;
    }
  }
  fail(error, path);
}

static void play_wait(void) {
  char byte;
  tell(SYNC_READY, 0, "", -1);
  ssize_t n;
  do n = read(sync_fd, &byte, 1);
  while (n < 0 && errno == EINTR);
  if (n != 1 || byte != SYNC_START) _exit(1);
}

/* The process becomes the init, and what executes is its child, at the front of the terminal. */
static void stay_as_init(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  pid_t child = must(fork(), "fork");
  if (child) init_run(child);
  setpgid(0, 0);
  tcsetpgrp(0, getpid()); /* of the background still, so with SIGTTOU blocked */
  sigemptyset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
}

static _Noreturn void play_exec(struct cursor *body) {
  uint32_t flags = take_u32(body), arguments = take_u32(body), variables = take_u32(body);
  char **argv = calloc((size_t)arguments + 1 + variables + 1, sizeof *argv), **env = argv + arguments + 1;
  if (!argv) fail(ENOMEM, program);
  for (uint32_t i = 0; i < arguments; i++) argv[i] = (char *)(uintptr_t)take_string(body);
  for (uint32_t i = 0; i < variables; i++) env[i] = (char *)(uintptr_t)take_string(body);
  if (flags & EXECFLAG_INIT) stay_as_init();
  execve(program, argv, env);
  char reason[128] = ""; /* past START there is nobody to tell but who reads the output, as with runc */
  strncpy(reason, strerror(errno), sizeof reason - 1);
  reason[0] |= 0x20; /* in Go's lower case */
  const char *parts[] = {"exec ", program, ": ", reason, "\n"};
  for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
    if (write(2, parts[i], strlen(parts[i])) < 0) break;
  _exit(255);
}

static void play_op(struct operation *op) {
  struct cursor *body = &op->body;
  const char *text;
  switch (playing = op->code) {
  case OP_CGROUP: return play_cgroup(take_string(body));
  case OP_UNSHARE: return (void)must(unshare((int)take_u32(body)), "unshare");
  case OP_ENTER: return (void)must(setns(birth->init_pidfd, (int)take_u32(body)), "setns");
  case OP_ROOTFS: return play_rootfs(body);
  case OP_MOUNT: return play_mount(body);
  case OP_BIND: return play_bind(body);
  case OP_DEVICE: return play_device(body);
  case OP_SYMLINK: return play_symlink(body);
  case OP_CONSOLE: return play_console(body);
  case OP_PIVOT: return play_pivot();
  case OP_HOSTNAME: return text = take_string(body), (void)must(sethostname(text, strlen(text)), text);
  case OP_DOMAINNAME: return text = take_string(body), (void)must(setdomainname(text, strlen(text)), text);
  case OP_NETWORK: return play_network();
  case OP_INNER_NETLINK: {
    int result = netlink_play(body->at, (size_t)(body->end - body->at), UINT32_MAX, -1);
    if (result < 0) fail(-result, "");
    return;
  }
  case OP_SYSCTL: return play_sysctl(body);
  case OP_ATTRIBUTES: return play_attributes(body);
  case OP_READONLY: return play_readonly(take_string(body));
  case OP_MASK: return play_mask(take_string(body));
  case OP_MAKE_DIRECTORY: {
    text = take_string(body);
    int fd = make_directory(text, 0);
    if (fd >= 0) close(fd);
    else if (errno != ENOTDIR) fail(errno, text); /* chdir will tell that */
    return;
  }
  case OP_OOM_SCORE: return play_oom_score((int)take_u32(body));
  case OP_RLIMIT: return play_rlimit(body);
  case OP_STREAMS: return play_streams(take_u32(body));
  case OP_UMASK: return (void)umask((mode_t)take_u32(body));
  case OP_NO_NEW_PRIVILEGES: return (void)must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "");
  case OP_SECCOMP: return play_seccomp(body);
  case OP_SECCOMP_OF_INIT: return play_seccomp_of_init();
  case OP_USER: return play_user(body);
  case OP_BOUNDING: return play_bounding(take_u64(body));
  case OP_CAPABILITIES: return play_capabilities(body);
  case OP_DIRECTORY: return play_directory(take_string(body));
  case OP_PROGRAM: return play_program(body);
  case OP_WAIT: return play_wait();
  case OP_EXEC: play_exec(body);
  case OP_LABEL: return play_label(body);
  }
}

static void join(const struct birth *b) {
  struct cursor tape = b->tape;
  for (struct operation op; next_op(&tape, &op);) {
    if (op.code != OP_JOIN) continue;
    int type = (int)take_u32(&op.body);
    const char *path = take_string(&op.body);
    if (type == CLONE_NEWPID) continue;
    playing = OP_JOIN;
    int fd = must(open(path, O_RDONLY | O_CLOEXEC), path);
    must(setns(fd, type), path);
    close(fd);
  }
}

/* Of the keeper's descriptors those that are needed stay open: a container that may trace could reach for the others. */
static void close_others(const struct birth *b) {
  const int keep[] = {2, b->sync, b->streams[0], b->streams[1], b->streams[2], b->rootfs, b->init_pidfd, b->init_tape};
  for (int at = 2;;) {
    int next = INT_MAX;
    for (size_t i = 0; i < sizeof keep / sizeof *keep; i++)
      if (keep[i] > at && keep[i] < next) next = keep[i];
    if (next > at + 1) syscall(SYS_close_range, (unsigned)at + 1, next == INT_MAX ? ~0u : (unsigned)next - 1, 0u);
    if (next == INT_MAX) return;
    at = next;
  }
}

void play(const struct birth *b) {
  birth = b;
  sync_fd = b->sync;
  close_others(b);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 1; i < 32; i++) signal(i, SIG_DFL); /* before anybody can signal it: the keeper ignores some */
  setsid();
  umask(0);
  join(b);
  struct cursor tape = b->tape;
  for (struct operation op; next_op(&tape, &op);) play_op(&op);
  fail(EINVAL, "tape");
}
