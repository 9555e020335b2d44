import type { Connect, Connection } from '#client/connection.ts';
import { call, checked, failure, host } from './host.ts';
import { pollIn, pollOut, ready } from './loop.ts';

/** bits/socket.h */
const unixStream = [1, 0x80001, 0] as const; // AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC
const noWait = 0x40;
const noSignal = 0x4000;
const again = -11;
const interrupted = -4;
const smallChunk = 1 << 14;
const largeChunk = 1 << 18;

/** Opens connections to a Unix socket. */
export function unixConnect(path: string): Connect {
  return async () => {
    const fd = checked('socket', call('socket', ...unixStream));
    const address = addressOf(path);
    const connected = call('connect', fd, address, address.length);
    if (connected < 0) {
      call('close', fd);
      throw failure('connect', connected, path);
    }
    return connection(fd);
  };
}

/** struct sockaddr_un (linux/un.h). */
function addressOf(path: string): Uint8Array {
  const name = new Uint8Array(host.encode(path));
  if (name.length > 107) throw failure('connect', -36, path);
  const address = new Uint8Array(name.length + 3);
  address[0] = 1;
  address.set(name, 2);
  return address;
}

function connection(fd: number): Connection {
  let open = true;
  let chunkSize = smallChunk;
  return {
    async read() {
      while (open) {
        const buffer = new Uint8Array(chunkSize);
        const length = call('recvfrom', fd, buffer, chunkSize, noWait, null, null);
        if (length > 0) {
          if (length === chunkSize) chunkSize = Math.min(chunkSize * 2, largeChunk);
          return buffer.subarray(0, length);
        }
        if (length === 0) return undefined;
        if (length === again) await ready(fd, pollIn);
        else if (length !== interrupted) throw failure('read', length);
      }
      return undefined;
    },
    async write(data) {
      let rest = typeof data === 'string' ? new Uint8Array(host.encode(data)) : data;
      while (rest.length > 0) {
        const taken = open ? call('sendto', fd, rest, rest.length, noWait | noSignal, null) : -32;
        if (taken >= 0) rest = rest.subarray(taken);
        else if (taken === again) await ready(fd, pollOut);
        else if (taken !== interrupted) throw failure('write', taken);
      }
    },
    endWriting: () => void call('shutdown', fd, 1),
    close: () => {
      if (!open) return;
      open = false;
      call('shutdown', fd, 2);
      call('close', fd);
    },
  };
}
