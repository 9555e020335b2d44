import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { nr } from './numbers.ts';
import { checked, sys, sysAsync } from './sys.ts';

/** linux/memfd.h (MFD_*) */
const MFD_CLOEXEC = 1;
const MFD_ALLOW_SEALING = 2;
const MFD_EXEC = 0x10;
/** linux/fcntl.h (F_ADD_SEALS; F_SEAL_SEAL, SHRINK, GROW and WRITE) */
const F_ADD_SEALS = 1033;
const ALL_SEALS = 1 | 2 | 4 | 8;
/** sys/socket.h, asm-generic/fcntl.h */
const AF_UNIX = 1;
const SOCK_STREAM = 1;
const SOCK_CLOEXEC = 0o2000000;
/** sys/wait.h (P_PID, WEXITED, WNOHANG) */
const P_PID = 1;
const WEXITED = 4;
const WNOHANG = 1;

const EINVAL = 22;

/** A file in memory alone, holding `bytes`. The caller closes it. */
export function memoryFile(name: string, bytes: Uint8Array, flags = MFD_CLOEXEC): number {
  const fd = checked('memfd_create', sys(nr.memfd_create, name, flags));
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * A program copied into sealed memory, which nobody can write to, whoever gets at it by /proc/<pid>/exe (CVE-2019-5736).
 *
 * @returns its descriptor, and a path that runs it for as long as this process has that open
 */
export function sealedProgram(path: string): { readonly fd: number; readonly path: string } {
  const bytes = readFileSync(path);
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  const probe = sys(nr.memfd_create, 'probe', flags | MFD_EXEC);
  if (probe >= 0) closeSync(probe);
  const fd = memoryFile('hoist-shim', bytes, probe === -EINVAL ? flags : flags | MFD_EXEC); // before 6.3 all may execute
  sys(nr.fchmod, fd, 0o555);
  checked('F_ADD_SEALS', sys(nr.fcntl, fd, F_ADD_SEALS, ALL_SEALS));
  return { fd, path: `/proc/${process.pid}/fd/${fd}` };
}

/** Two connected stream sockets, both closed on exec. */
export function socketPair(): readonly [number, number] {
  const fds = new Int32Array(2);
  checked(
    'socketpair',
    sys(nr.socketpair, AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, new Uint8Array(fds.buffer)),
  );
  return [fds[0]!, fds[1]!];
}

/** /dev/null, for a program that has no streams. The caller closes it. */
export const openNull = (): number => openSync('/dev/null', 'r+');

/** Takes away a child that has ended. Without waiting: `running` when it has not. */
export function reap(pid: number): 'reaped' | 'running' | 'notOurs' {
  const info = new Uint8Array(128); // siginfo_t
  const result = sys(nr.waitid, P_PID, pid, info, WEXITED | WNOHANG, null);
  if (result < 0) return 'notOurs';
  return new DataView(info.buffer).getInt32(12, true) === pid ? 'reaped' : 'running'; // si_pid
}

/** Whether a process of this number is alive: one that waits to be reaped, by whatever parent, has given back what it held. */
export function processLives(pid: number): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return !/^[ZX]/.test(status.slice(status.lastIndexOf(')') + 2)); // past the name, which may hold anything
  } catch {
    return false;
  }
}

const POLLIN = 1; // poll.h

/** Waits on the worker pool for the end of a process, whether or not it is reaped, and at most for so long. */
export async function endWithin(pid: number, milliseconds: number): Promise<void> {
  const fd = sys(nr.pidfd_open, pid, 0);
  if (fd < 0) return;
  const watched = new Uint8Array(Int32Array.of(fd, POLLIN).buffer);
  const timeout = new Uint8Array(BigInt64Array.of(0n, BigInt(milliseconds) * 1_000_000n).buffer);
  await sysAsync(nr.ppoll, watched, 1, timeout, null, 0).finally(() => closeSync(fd));
}
