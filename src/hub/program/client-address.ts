import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import { invalid } from '#base/errors.ts';

/** Proxies in front of the Hub, whose word on their clients is taken. */
export interface Proxies {
  trusts(address: string): boolean;
}

/** @param networks `10.0.0.0/8`, `::1`. @throws {EngineError} `invalid` */
export function proxiesOf(networks: readonly string[]): Proxies {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', prefix, ...rest] = network.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const widest = family === 'ipv6' ? 128 : 32;
    const bits = prefix === undefined ? widest : Number(prefix);
    if (
      isIP(address) === 0 ||
      rest.length > 0 ||
      !/^\d*$/.test(prefix ?? '') ||
      bits > widest ||
      prefix === ''
    )
      throw invalid(`invalid network of a proxy: ${JSON.stringify(network)}`);
    list.addSubnet(address, bits, family);
  }
  return { trusts: (address) => list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4') };
}

/** The connection's other end; IPv4 within IPv6 as IPv4. */
export const peerOf = ({ socket }: IncomingMessage): string => plain(socket.remoteAddress ?? '');

/**
 * The client's address: the connection's, or what proxies that are trusted say of whom they speak for. Each proxy adds the
 * address that it saw at the end of `X-Forwarded-For`, so it is read from there, as far as trust goes.
 */
export function addressOf(request: IncomingMessage, proxies: Proxies): string {
  let address = peerOf(request);
  const named = forwarded(request, 'x-forwarded-for')
    .split(',')
    .map((text) => plain(text.trim()));
  while (proxies.trusts(address)) {
    const next = named.pop();
    if (next === undefined || isIP(next) === 0) break;
    address = next;
  }
  return address;
}

/** A header's values as one list. */
export function forwarded(request: IncomingMessage, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
}

/** `[::ffff:10.0.0.1]:8080` as `10.0.0.1`. */
const plain = (address: string): string =>
  address
    .replace(/^\[(.*)\](:\d+)?$/, '$1')
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
    .replace(/^::ffff:(?=\d+\.)/i, '');
