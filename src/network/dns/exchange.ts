import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { Socket } from 'node:net';
import { socketIn } from '#linux/socket-in.ts';
import { Frames, framed } from './frames.ts';
import { type Query, replyCode, withId } from './message.ts';

/** How a question travels. */
export type Way = 'udp' | 'tcp';

const PORT = 53;
/** bits/socket.h */
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const IDS = 0x10000;

/** A server's address and, where it is not asked in this process' own network namespace, a descriptor of the other. */
export interface Server {
  readonly address: string;
  readonly namespace?: number | undefined;
}

interface Asking {
  readonly question: Buffer;
  readonly accept: (reply: Buffer) => void;
  readonly giveUp: () => void;
}

/**
 * Asks one server, from a port and under an id that nobody can guess, and takes no answer but its own to that question.
 *
 * @returns undefined when it does not answer in time, or cannot be reached
 */
export async function exchange(
  server: Server,
  { bytes, query, way }: { readonly bytes: Uint8Array; readonly query: Query; readonly way: Way },
  { milliseconds, signal }: { readonly milliseconds: number; readonly signal: AbortSignal },
): Promise<Buffer | undefined> {
  const id = randomInt(IDS);
  const { promise, resolve } = Promise.withResolvers<Buffer | undefined>();
  const accept = (reply: Buffer): void => {
    if (replyCode(reply, id, query) !== undefined) resolve(withId(reply, query.id));
  };
  const giveUp = () => resolve(undefined);
  const timer = setTimeout(giveUp, milliseconds);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    const ask = way === 'udp' ? byUdp : byTcp;
    using _socket = ask(server, { question: withId(bytes, id), accept, giveUp });
    return await promise;
  } catch {
    return undefined; // no socket to be had, or no address
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}

/** A connected socket: the kernel passes on nothing but what its server sends, and that it has none. */
function byUdp({ address, namespace }: Server, { question, accept, giveUp }: Asking): Disposable {
  const socket = createSocket(isIpv6(address) ? 'udp6' : 'udp4');
  socket.on('error', giveUp);
  socket.on('message', accept);
  if (namespace !== undefined) socket.bind({ fd: socketAt(address, namespace, SOCK_DGRAM) });
  let open = true;
  socket.connect(PORT, address, (error?: Error) => {
    if (error instanceof Error) giveUp();
    else if (open) socket.send(question, (failure) => failure && giveUp());
  });
  return {
    [Symbol.dispose]: () => {
      open = false;
      socket.close();
    },
  };
}

function byTcp({ address, namespace }: Server, { question, accept, giveUp }: Asking): Disposable {
  const socket =
    namespace === undefined ? new Socket() : new Socket({ fd: socketAt(address, namespace, SOCK_STREAM) });
  const frames = new Frames();
  socket.on('error', giveUp).on('end', giveUp);
  socket.on('data', (piece: Buffer) => {
    // A server that sends anything but the reply is not listened to further.
    for (const reply of frames.take(piece)) {
      accept(reply);
      giveUp();
    }
  });
  socket.connect({ host: address, port: PORT });
  socket.write(framed(question));
  return { [Symbol.dispose]: () => void socket.destroy() };
}

const isIpv6 = (address: string): boolean => address.includes(':');

const socketAt = (address: string, namespace: number, type: number): number =>
  socketIn(namespace, { domain: isIpv6(address) ? AF_INET6 : AF_INET, type, protocol: 0 });
