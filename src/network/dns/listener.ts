import { createSocket, type RemoteInfo } from 'node:dgram';
import { closeSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { nr } from '#linux/numbers.ts';
import { socketIn } from '#linux/socket-in.ts';
import { checked, sys } from '#linux/sys.ts';
import type { Way } from './exchange.ts';
import { Frames, framed } from './frames.ts';

/** Where containers' resolvers are. */
export const RESOLVER = '127.0.0.11';
export const DNS_PORT = 53;

/** bits/socket.h and netinet/in.h */
const AF_INET = 2;
const SOCKET_TYPE = { udp: 2, tcp: 1 } as const;
const SOCKADDR_BYTES = 16;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;

/** dockerd's: how long a TCP client may be silent. */
const TCP_SILENCE_MS = 8000;
const MAX_TCP_CLIENTS = 64;
/** What may wait to be sent; more than the kernel takes at once comes only of a container that does not read. */
const MAX_UNSENT_BYTES = 1 << 18;

/** Answers a message; undefined: not at all. At once where it can be. Never throws. */
export type Answering = (message: Buffer, way: Way) => Buffer | undefined | Promise<Buffer | undefined>;

/** A container's two sockets, served by this process. */
export interface Listener extends Disposable {
  readonly ports: { readonly udp: number; readonly tcp: number };
}

/**
 * Answers at 127.0.0.11 of a network namespace.
 *
 * @param namespace its descriptor, needed no longer once this has returned
 * @param port 0: any free ones
 * @throws {EngineError} `internal` with EADDRINUSE when another has the port
 */
export function listenIn(namespace: number, port: number, answer: Answering): Listener {
  using stack = new DisposableStack();
  const udp = openBound(namespace, 'udp', port, stack);
  const tcp = openBound(namespace, 'tcp', port, stack);
  const ports = { udp: portOf(udp), tcp: portOf(tcp) };
  stack.move();
  const closers = [serveUdp(udp, answer), serveTcp(tcp, answer)];
  return {
    ports,
    [Symbol.dispose]: () => {
      for (const close of closers) close();
    },
  };
}

function openBound(namespace: number, way: Way, port: number, stack: DisposableStack): number {
  const fd = socketIn(namespace, { domain: AF_INET, type: SOCKET_TYPE[way], protocol: 0 });
  stack.defer(() => closeSync(fd));
  // Connections of a resolver before us may still linger on the port.
  if (way === 'tcp') sys(nr.setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, Buffer.of(1, 0, 0, 0), 4);
  const address = Buffer.alloc(SOCKADDR_BYTES);
  address.writeUInt16LE(AF_INET, 0);
  address.writeUInt16BE(port, 2);
  address.set(RESOLVER.split('.').map(Number), 4);
  checked('bind', sys(nr.bind, fd, address, SOCKADDR_BYTES));
  return fd;
}

function portOf(fd: number): number {
  const address = Buffer.alloc(SOCKADDR_BYTES);
  const length = Buffer.of(SOCKADDR_BYTES, 0, 0, 0);
  checked('getsockname', sys(nr.getsockname, fd, address, length));
  return address.readUInt16BE(2);
}

function serveUdp(fd: number, answer: Answering): () => void {
  const socket = createSocket('udp4');
  let open = true;
  const send = (reply: Buffer | undefined, { port, address }: RemoteInfo) => {
    if (open && reply !== undefined && socket.getSendQueueSize() < MAX_UNSENT_BYTES)
      socket.send(reply, port, address, () => undefined);
  };
  socket.on('error', () => undefined);
  socket.on('message', (message, from) => {
    // Nobody can be answered on port 0, which only a packet made by hand comes from.
    if (from.port === 0) return;
    const reply = answer(message, 'udp');
    if (reply instanceof Promise) void reply.then((later) => send(later, from));
    else send(reply, from);
  });
  socket.bind({ fd });
  socket.unref();
  return () => {
    open = false;
    socket.close();
  };
}

function serveTcp(fd: number, answer: Answering): () => void {
  const clients = new Set<Socket>();
  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    clients.add(client);
    client.once('close', () => clients.delete(client));
    client.on('error', () => undefined);
    client.setTimeout(TCP_SILENCE_MS, () => client.destroy());
    serveClient(client, answer);
  });
  server.maxConnections = MAX_TCP_CLIENTS;
  server.on('error', () => undefined);
  server.listen({ fd });
  server.unref();
  return () => {
    server.close();
    for (const client of clients) client.destroy();
  };
}

/** One question after the other, and no more read than is answered. */
function serveClient(client: Socket, answer: Answering): void {
  const frames = new Frames();
  let work = Promise.resolve();
  client.on('data', (piece: Buffer) => {
    client.pause();
    work = answerAll(client, frames.take(piece), answer).then(
      () => void client.resume(),
      () => void client.destroy(),
    );
  });
  client.on('end', () => void work.then(() => client.end()));
}

async function answerAll(client: Socket, messages: Iterable<Buffer>, answer: Answering): Promise<void> {
  for (const message of messages) {
    const reply = await answer(message, 'tcp');
    if (client.destroyed) return;
    if (reply === undefined) return void client.destroy();
    if (!client.write(framed(reply))) await drained(client);
  }
}

function drained(client: Socket): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  client.once('drain', resolve).once('close', resolve);
  return promise;
}
