import { createRequire } from 'node:module';
import { join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { EngineError } from '#base/errors.ts';

/** What a system call takes: numbers and pointers. A string is passed NUL-terminated, null as 0. */
export type Argument = number | bigint | string | Uint8Array | null;

interface Native {
  sys(number: number, ...args: Argument[]): number;
  sysAsync(number: number, ...args: Argument[]): Promise<number>;
  address(bytes: Uint8Array): bigint;
  spawn(
    path: string,
    argv: readonly string[],
    env: readonly string[],
    fds: readonly number[],
  ): Promise<number>;
  trim(): number;
}

/** The folder of what native/ compiles to. */
export const buildDirectory = join(import.meta.dirname, '../../build');

const native: Native = createRequire(import.meta.url)(join(buildDirectory, 'sys.node'));

/** One system call, at once: its result, or -errno. For calls that cannot block. */
export const sys = native.sys;

/**
 * One system call on the worker pool, for those that may block: its result, or -errno. Buffers among the arguments live
 * until it is done; those that a struct points to must be arguments too, after the call's own.
 */
export const sysAsync = native.sysAsync;

/** Where a buffer's bytes are, for structs that hold pointers. The buffer must outlive the call. */
export const address = native.address;

/** Gives heap pages that hold nothing back to the kernel, which glibc keeps after a burst of work. Takes milliseconds. */
export const trimMemory = native.trim;

/**
 * Starts a program in a new session by posix_spawn: descriptor i of the child is `fds[i]`, all else is closed on exec.
 *
 * The descriptors must stay open until it resolves.
 *
 * @returns the pid; the caller reaps it
 */
export async function spawn(
  path: string,
  argv: readonly string[],
  env: readonly string[],
  fds: readonly number[],
): Promise<number> {
  return checked(`spawn ${path}`, await native.spawn(path, argv, env, fds));
}

/** The result of a call that must succeed. @throws {EngineError} `internal` with the call's name and errno */
export function checked(call: string, result: number): number {
  if (result < 0) throw systemError(call, -result);
  return result;
}

/** A failed system call as an error: `Cannot mount "/x": EBUSY` is for the caller to say, with this as its cause. */
export function systemError(call: string, errno: number): EngineError {
  return new EngineError('internal', `${call}: ${errnoName(errno)}`, {
    errno,
    syscall: call.split(' ', 1)[0]!,
  });
}

/** `2` → `ENOENT`. */
export function errnoName(errno: number): string {
  try {
    return getSystemErrorName(-errno);
  } catch {
    return `errno ${errno}`;
  }
}
