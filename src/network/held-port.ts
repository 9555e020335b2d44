import { closeSync } from 'node:fs';
import { nr } from '#linux/numbers.ts';
import { sys } from '#linux/sys.ts';
import { parseAddress } from './ipv4.ts';

/** bits/socket.h, netinet/in.h, asm-generic/errno*.h */
const AF_INET = 2;
const AF_INET6 = 10;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;
const SOCK_FLAGS = 0o2004000; // close on exec, never wait
const IPPROTO = { tcp: 6, udp: 17, sctp: 132 } as const;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
const BACKLOG = 4096;
const EPROTONOSUPPORT = 93;
const EAFNOSUPPORT = 97;

export const EADDRINUSE = 98;
export const EADDRNOTAVAIL = 99;

/** A socket that keeps a port of the host from every other program, as long as it is open. */
export interface HeldPort {
  readonly fd: number;
}

export interface PortName {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIp: string;
  readonly hostPort: number;
}

/**
 * Binds a socket to a port of the host, listening where that has a meaning.
 *
 * @returns the socket; `undefined` where the kernel lacks the protocol; or the errno that keeps us from it
 */
export function holdPort(port: PortName): HeldPort | undefined | number {
  const address = socketAddress(port.hostIp, port.hostPort);
  const type = port.protocol === 'udp' ? SOCK_DGRAM : SOCK_STREAM;
  const fd = sys(nr.socket, address.readUInt16LE(0), type | SOCK_FLAGS, IPPROTO[port.protocol]);
  if (fd === -EPROTONOSUPPORT || fd === -EAFNOSUPPORT) return port.protocol === 'sctp' ? undefined : -fd;
  if (fd < 0) return -fd;
  const errno = occupy(fd, port, address);
  if (errno === 0) return { fd };
  closeSync(fd);
  return errno;
}

function occupy(fd: number, { protocol }: PortName, address: Buffer): number {
  const one = Buffer.of(1, 0, 0, 0);
  if (protocol !== 'udp') sys(nr.setsockopt, fd, SOL_SOCKET, SO_REUSEADDR, one, 4);
  if (address.readUInt16LE(0) === AF_INET6) sys(nr.setsockopt, fd, IPPROTO_IPV6, IPV6_V6ONLY, one, 4);
  const bound = sys(nr.bind, fd, address, address.length);
  if (bound < 0 || protocol === 'udp') return -bound;
  return -sys(nr.listen, fd, BACKLOG);
}

/** struct sockaddr_in, or sockaddr_in6 for addresses with a colon. */
function socketAddress(ip: string, port: number): Buffer {
  const version6 = ip.includes(':');
  const bytes = Buffer.alloc(version6 ? 28 : 16);
  bytes.writeUInt16LE(version6 ? AF_INET6 : AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  if (version6) bytes.set(parseIpv6(ip), 8);
  else bytes.writeUInt32BE(parseAddress(ip) ?? 0, 4);
  return bytes;
}

/** The 16 bytes of an IPv6 address that `net.isIPv6` has approved. */
function parseIpv6(ip: string): Buffer {
  const [head = '', tail] = ip.split('::');
  const groups = (text: string): number[] =>
    text
      .split(':')
      .filter(Boolean)
      .flatMap((group) => {
        if (!group.includes('.')) return [Number.parseInt(group, 16)];
        const address = parseAddress(group) ?? 0;
        return [address >>> 16, address & 0xffff];
      });
  const [before, after] = [groups(head), groups(tail ?? '')];
  const between = tail === undefined ? [] : new Array<number>(8 - before.length - after.length).fill(0);
  const bytes = Buffer.alloc(16);
  [...before, ...between, ...after].forEach((group, at) => {
    bytes.writeUInt16BE(group, at * 2);
  });
  return bytes;
}
