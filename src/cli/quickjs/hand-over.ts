import { call, checked, host } from './host.ts';

/** The end of the file: the size of the program behind this one, then this mark. */
const mark = 'HOISTFULL';
const trailerSize = 8 + mark.length;

/**
 * Becomes the full program, which is appended to this one's file: for TLS, TCP and ssh, which need more than a socket.
 *
 * It is copied into memory (memfd_create) and executed there, with the same arguments and environment.
 */
export function handOver(): never {
  const fd = checked('open', call('openat', -100, '/proc/self/exe', 0x80000, 0));
  const end = checked('lseek', call('lseek', fd, 0, 2));
  const trailer = new Uint8Array(trailerSize);
  call('lseek', fd, end - trailerSize, 0);
  call('read', fd, trailer, trailerSize);
  if (host.decode(trailer.subarray(8)) !== mark) {
    throw new Error('this build of hoist speaks to Unix sockets only');
  }
  const size = Number(new DataView(trailer.buffer).getBigUint64(0, true));
  const memory = checked('memfd_create', call('memfd_create', 'hoist', 1));
  call('lseek', fd, end - trailerSize - size, 0);
  for (let left = size; left > 0; ) {
    const copied = checked('sendfile', call('sendfile', memory, fd, null, Math.min(left, 1 << 26)));
    if (copied === 0) break;
    left -= copied;
  }
  checked('execve', host.execute(`/proc/self/fd/${memory}`, host.args, host.env));
  throw new Error('unreachable');
}
