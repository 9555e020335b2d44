import { closeSync } from 'node:fs';
import { nr } from './numbers.ts';
import { address, checked, sys } from './sys.ts';

/** bits/socket.h */
const AF_UNIX = 1;
const SOCK_STREAM_CLOEXEC_NONBLOCK = 1 | 0o2000000 | 0o4000;
const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
const MSG_NOSIGNAL = 0x4000;

/**
 * Connects to a listening Unix socket and sends bytes together with a descriptor, of which the receiver gets a copy.
 * Nothing here waits.
 *
 * @returns the connection's descriptor, which the caller closes
 * @throws {EngineError} `internal` with the errno: EAGAIN when the listener has no room
 */
export function connectWithDescriptor(path: string, bytes: Uint8Array, descriptor: number): number {
  const fd = checked('socket', sys(nr.socket, AF_UNIX, SOCK_STREAM_CLOEXEC_NONBLOCK, 0));
  try {
    const name = Buffer.from(`\x01\x00${path}\x00`);
    checked('connect', sys(nr.connect, fd, name, name.length));
    const { header, pointedTo } = messageOf(bytes, descriptor);
    checked('sendmsg', sys(nr.sendmsg, fd, header, MSG_NOSIGNAL, ...pointedTo));
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** struct msghdr (bits/types/struct_msghdr.h) and what it points to, given to the call so that it lives as long. */
function messageOf(bytes: Uint8Array, descriptor: number) {
  const part = view(BigUint64Array.of(address(bytes), BigInt(bytes.length)));
  const control = Buffer.alloc(24); // struct cmsghdr and one int, to a multiple of 8
  control.writeBigUInt64LE(20n, 0);
  control.writeInt32LE(SOL_SOCKET, 8);
  control.writeInt32LE(SCM_RIGHTS, 12);
  control.writeInt32LE(descriptor, 16);
  const pointers = [0n, 0n, address(part), 1n, address(control), BigInt(control.length), 0n];
  return { header: view(BigUint64Array.from(pointers)), pointedTo: [bytes, part, control] };
}

const view = (words: BigUint64Array) => new Uint8Array(words.buffer);
