import type { RuntimeSeccomp } from '#oci/runtime-spec.ts';
import {
  type ProfileRule,
  resolveSeccompProfile,
  type SeccompContext,
  type SeccompProfile,
} from './seccomp-profile.ts';

/** System calls that every container may make: those that act within what it has anyway. */
const allowed: readonly string[] = [
  // processes and credentials
  `capget capset execve execveat exit exit_group fork getcpu getegid getegid32 geteuid geteuid32 getgid
    getgid32 getgroups getgroups32 getpeername getpgid getpgrp getpid getppid getpriority getresgid
    getresgid32 getresuid getresuid32 getrlimit getrusage getsid get_thread_area gettid getuid getuid32
    ioprio_get ioprio_set ipc kill landlock_add_rule landlock_create_ruleset landlock_restrict_self
    membarrier pidfd_open pidfd_send_signal prctl prlimit64 process_mrelease restart_syscall rseq
    sched_getaffinity sched_getattr sched_getparam sched_get_priority_max sched_get_priority_min
    sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr
    sched_setparam sched_setscheduler sched_yield seccomp setfsgid setfsgid32 setfsuid setfsuid32 setgid
    setgid32 setgroups setgroups32 setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid
    setresuid32 setreuid setreuid32 setrlimit setsid set_thread_area set_tid_address setuid setuid32 sysinfo
    tgkill times tkill ugetrlimit umask uname uretprobe vfork wait4 waitid waitpid`,
  // signals, timers and clocks
  `adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime
    clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep pause
    rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait
    rt_sigtimedwait_time64 rt_tgsigqueueinfo setitimer sigaltstack signalfd signalfd4 sigprocmask sigreturn
    time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime
    timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64`,
  // memory
  `brk futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake get_robust_list madvise
    map_shadow_stack memfd_create memfd_secret mincore mlock mlock2 mlockall mmap mmap2 mprotect
    mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64
    mq_unlink mremap mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap pkey_alloc pkey_free
    pkey_mprotect remap_file_pages semctl semget semop semtimedop semtimedop_time64 set_robust_list shmat
    shmctl shmdt shmget`,
  // sockets
  `accept accept4 bind connect getsockname getsockopt listen recv recvfrom recvmmsg recvmmsg_time64 recvmsg
    send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair`,
  // waiting
  `epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait epoll_wait_old
    eventfd eventfd2 fanotify_mark inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel
    io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup io_submit _newselect poll ppoll
    ppoll_time64 pselect6 pselect6_time64 select`,
  // files
  `access cachestat chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3
    faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown fchown32
    fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fremovexattr fsetxattr fstat fstat64
    fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futimesat getcwd getdents getdents64 getrandom
    getxattr getxattrat ioctl lchown lchown32 lgetxattr link linkat listmount listxattr listxattrat
    llistxattr _llseek lremovexattr lseek lsetxattr lstat lstat64 mkdir mkdirat mknod mknodat
    name_to_handle_at newfstatat open openat openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev
    pwritev2 read readahead readlink readlinkat readv removexattr removexattrat rename renameat renameat2
    rmdir sendfile sendfile64 setxattr setxattrat splice stat stat64 statfs statfs64 statmount statx symlink
    symlinkat sync sync_file_range syncfs tee truncate truncate64 unlink unlinkat utime utimensat
    utimensat_time64 utimes vmsplice write writev`,
].flatMap((names) => names.split(/\s+/));

/** What a capability that is given would be worth nothing without. */
const allowedWith: Readonly<Record<string, string>> = {
  CAP_DAC_READ_SEARCH: 'open_by_handle_at',
  CAP_SYS_ADMIN: `bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie lsm_get_self_attr
    lsm_list_modules lsm_set_self_attr mount mount_setattr move_mount open_tree perf_event_open quotactl quotactl_fd
    setdomainname sethostname setns syslog umount umount2 unshare`,
  CAP_SYS_BOOT: 'reboot',
  CAP_SYS_CHROOT: 'chroot',
  CAP_SYS_MODULE: 'delete_module finit_module init_module',
  CAP_SYS_NICE: 'get_mempolicy mbind set_mempolicy set_mempolicy_home_node',
  CAP_SYS_PACCT: 'acct',
  CAP_SYS_PTRACE: 'kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev ptrace',
  CAP_SYS_RAWIO: 'ioperm iopl',
  CAP_SYS_TIME: 'clock_settime clock_settime64 settimeofday stime',
  CAP_SYS_TTY_CONFIG: 'vhangup',
  CAP_SYSLOG: 'syslog',
  CAP_BPF: 'bpf',
  CAP_PERFMON: 'perf_event_open',
};

const allowedOn: readonly (readonly [arches: readonly string[], names: string])[] = [
  [['amd64'], 'arch_prctl modify_ldt'],
  [['arm', 'arm64'], 'arm_fadvise64_64 arm_sync_file_range breakpoint cacheflush set_tls sync_file_range2'],
];

/** Linux and BSD personalities, each with and without randomised addresses off, and asking. linux/personality.h */
const personalities = [0x0, 0x0008, 0x20000, 0x20008, 0xffffffff];

/** linux/sched.h: CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET */
const namespaceFlags =
  0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000;

/** linux/socket.h. The kernel's ciphers have been a way out. */
const AF_ALG = 38;

/**
 * NFC, KCM, QIPCRTR, SMC, XDP, MCTP: all above AF_ALG but AF_VSOCK (40), whose machines are in no network namespace. By
 * name, for the kernel takes a family's low half: anything with more bits would pass for one that is above.
 */
const laterFamilies = [39, 41, 42, 43, 44, 45];

const EPERM = 1;
const ENOSYS = 38;

const allow = (names: string | readonly string[], conditions: Partial<ProfileRule> = {}): ProfileRule => ({
  names: typeof names === 'string' ? names.split(/\s+/) : names,
  action: 'SCMP_ACT_ALLOW',
  ...conditions,
});

const withArgument = (name: string, op: string, value: number, valueTwo?: number): ProfileRule =>
  allow(name, { args: [{ index: 0, op, value, ...(valueTwo !== undefined && { valueTwo }) }] });

/** The profile of containers that ask for none: what dockerd's default allows and refuses. */
export const defaultSeccompProfile: SeccompProfile = {
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: EPERM,
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
  ],
  syscalls: [
    allow(allowed),
    // Before 4.8 a tracer could change a call after the filter had let it pass.
    allow('process_vm_readv process_vm_writev ptrace', { includes: { minKernel: '4.8' } }),
    withArgument('socket', 'SCMP_CMP_LT', AF_ALG),
    ...laterFamilies.map((family) => withArgument('socket', 'SCMP_CMP_EQ', family)),
    ...personalities.map((personality) => withArgument('personality', 'SCMP_CMP_EQ', personality)),
    ...allowedOn.map(([arches, names]) => allow(names, { includes: { arches } })),
    ...Object.entries(allowedWith).map(([capability, names]) =>
      allow(names, { includes: { caps: [capability] } }),
    ),
    {
      ...withArgument('clone', 'SCMP_CMP_MASKED_EQ', namespaceFlags, 0),
      excludes: { caps: ['CAP_SYS_ADMIN'] },
    },
    // Its flags are in memory, out of a filter's sight: libc then falls back to clone.
    { names: ['clone3'], action: 'SCMP_ACT_ERRNO', errnoRet: ENOSYS, excludes: { caps: ['CAP_SYS_ADMIN'] } },
  ],
};

const resolved = new Map<string, RuntimeSeccomp>();

/**
 * The default profile of a container with these capabilities. The same object for the same context, so that it is
 * compiled once.
 */
export function defaultSeccomp(context: SeccompContext): RuntimeSeccomp {
  const key = [context.arch, context.kernelVersion, ...context.capabilities.toSorted()].join();
  const known = resolved.get(key) ?? resolveSeccompProfile(defaultSeccompProfile, context)!;
  if (resolved.size > 100) resolved.clear();
  resolved.set(key, known);
  return known;
}
