import { createSocket, type Socket as DatagramSocket, type RemoteInfo } from 'node:dgram';
import { closeSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { formatAddress } from './ipv4.ts';

/** A published port's open socket, and what it is. */
export interface ProxiedPort {
  readonly fd: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIp: string;
}

/** Where a published port leads: a container's address, which may change, and port. */
export interface Target {
  address: number;
  readonly port: number;
}

/** A client of a UDP port that has been silent for so long is forgotten. */
const UDP_SILENCE_MS = 90_000;
const MAX_UDP_CLIENTS = 4096;

/**
 * Serves a held port in this process: what comes to the socket goes on to the container, and back.
 *
 * Packets that the firewall redirects never come here; what does is IPv6, and everything where there is no firewall.
 * The socket is closed with the proxy.
 */
export function openProxy({ fd, protocol, hostIp }: ProxiedPort, target: Target): Disposable {
  if (protocol === 'tcp') return streamProxy(fd, target);
  if (protocol === 'udp') return datagramProxy(fd, hostIp.includes(':') ? 'udp6' : 'udp4', target);
  return { [Symbol.dispose]: () => closeSync(fd) };
}

function streamProxy(fd: number, target: Target): Disposable {
  const open = new Set<Socket>();
  const keep = (socket: Socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const host = formatAddress(target.address);
    const container = connect({ host, port: target.port, allowHalfOpen: true, noDelay: true });
    keep(client);
    keep(container);
    join(client, container);
    join(container, client);
  });
  server.on('error', () => undefined);
  server.listen({ fd });
  server.unref();
  return {
    [Symbol.dispose]: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

/** All that one socket reads is written to the other, its end too; its failure is the other's reset. */
function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => to.resetAndDestroy());
}

function datagramProxy(fd: number, type: 'udp4' | 'udp6', target: Target): Disposable {
  const clients = new Map<string, { readonly socket: DatagramSocket; readonly timer: NodeJS.Timeout }>();
  const server = createSocket({ type });
  const forget = (name: string) => {
    const client = clients.get(name);
    clients.delete(name);
    clearTimeout(client?.timer);
    client?.socket.close();
  };
  const clientOf = (from: RemoteInfo) => {
    const name = `${from.address} ${from.port}`;
    const known = clients.get(name);
    if (known !== undefined) {
      known.timer.refresh();
      return known.socket;
    }
    const oldest = clients.keys().next();
    if (clients.size >= MAX_UDP_CLIENTS && !oldest.done) forget(oldest.value);
    const socket = createSocket({ type: 'udp4' });
    clients.set(name, { socket, timer: setTimeout(() => forget(name), UDP_SILENCE_MS).unref() });
    socket.on('error', () => forget(name));
    socket.on('message', (bytes) => {
      clients.get(name)?.timer.refresh();
      server.send(bytes, from.port, from.address);
    });
    return socket.unref();
  };
  server.on('error', () => undefined);
  server.on('message', (bytes, from) => {
    // Nobody can be answered on port 0, which only a packet made by hand comes from.
    if (from.port === 0) return;
    clientOf(from).send(bytes, target.port, formatAddress(target.address), () => undefined);
  });
  server.bind({ fd });
  server.unref();
  return {
    [Symbol.dispose]: () => {
      server.close();
      for (const name of [...clients.keys()]) forget(name);
    },
  };
}
