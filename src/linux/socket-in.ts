import { closeSync, openSync } from 'node:fs';
import { nr } from './numbers.ts';
import { checked, sys } from './sys.ts';

/** bits/socket.h */
const SOCK_CLOEXEC = 0o2000000;
const SOCK_NONBLOCK = 0o4000;
/** linux/sched.h */
const CLONE_NEWNET = 0x40000000;

/** What socket(2) takes; descriptors are close-on-exec and do not block. */
export interface SocketKind {
  readonly domain: number;
  readonly type: number;
  readonly protocol: number;
}

/** The network namespace that this process is in. Opened once. */
let home: number | undefined;

/**
 * A socket of another network namespace, which it stays in: what it binds, and whom it reaches, is there.
 *
 * The main thread is there for two calls and comes back before anything else runs. If it could not come back the process
 * would end, for all that it made afterwards would be made in a stranger's namespace.
 *
 * @param namespace a descriptor of the namespace (/proc/<pid>/ns/net)
 * @returns a descriptor that the caller closes
 * @throws {EngineError} `internal` with the errno
 */
export function socketIn(namespace: number, { domain, type, protocol }: SocketKind): number {
  home ??= openSync('/proc/thread-self/ns/net', 'r');
  checked('setns', sys(nr.setns, namespace, CLONE_NEWNET));
  const result = sys(nr.socket, domain, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (sys(nr.setns, home, CLONE_NEWNET) !== 0) process.abort();
  return checked('socket', result);
}

/** A process' network namespace, for as long as it is not disposed of, whatever becomes of the process. @throws ENOENT, EACCES */
export function networkNamespaceOf(pid: number): Disposable & { readonly fd: number } {
  const fd = openSync(`/proc/${pid}/ns/net`, 'r');
  return { fd, [Symbol.dispose]: () => closeSync(fd) };
}
