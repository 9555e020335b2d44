import { closeSync } from 'node:fs';
import { EngineError } from '#base/errors.ts';
import { type NetlinkMessage, readAttributes } from './netlink.ts';
import { dumpAddresses, dumpLinks, dumpRoutes, type LinkAddress } from './netlink-route.ts';
import { NETLINK, NetlinkSocket } from './netlink-socket.ts';
import { nr } from './numbers.ts';
import { address, checked, sys, sysAsync } from './sys.ts';

/** linux/if_link.h, linux/if_addr.h, linux/rtnetlink.h */
const IFLA = { ADDRESS: 1, IFNAME: 3, MTU: 4, MASTER: 10, LINKINFO: 18 } as const;
const IFLA_INFO_KIND = 1;
const IFA_LOCAL = 2;
const RTA_DST = 1;
const RTA_OIF = 4;
const IFF_UP = 1;
/** linux/sockios.h, linux/ethtool.h, linux/if.h */
const SIOCETHTOOL = 0x8946;
const ETHTOOL_GLINK = 0x0a;
const IFNAMSIZ = 16;
const IFREQ_BYTES = 40;
const AF_INET = 2;
const SOCK_DGRAM_CLOEXEC = 2 | 0o2000000;
const RTM_NEWLINK = 16;
const RTM_NEWADDR = 20;
const RTM_NEWROUTE = 24;

/** A network interface. `kind` is '' for hardware. */
export interface Link {
  readonly index: number;
  readonly name: string;
  readonly kind: string;
  readonly macAddress: string;
  readonly mtu: number;
  readonly up: boolean;
  readonly masterIndex: number;
}

/** A range of IPv4 addresses: its first, as a number, and how many bits all share. */
export interface Range {
  readonly address: number;
  readonly prefixLength: number;
}

/** Every interface of the namespace that a socket speaks with. */
export const listLinks = (socket: NetlinkSocket): Link[] =>
  socket
    .request('list links', dumpLinks())
    .filter((reply) => reply.type === RTM_NEWLINK)
    .map(linkOf);

/** Links, addresses and routes of the network namespace that this process is in. */
export class HostLinks implements Disposable {
  readonly #socket = new NetlinkSocket(NETLINK.ROUTE);
  readonly #control = checked('socket', sys(nr.socket, AF_INET, SOCK_DGRAM_CLOEXEC, 0));

  /** @throws {EngineError} `internal` with the errno, for the first request that failed */
  request(call: string, datagram: Uint8Array): void {
    this.#socket.request(call, datagram);
  }

  /** The same, for what waits in the kernel: making and deleting links. */
  async requestAsync(call: string, datagram: Uint8Array): Promise<void> {
    using socket = new NetlinkSocket(NETLINK.ROUTE);
    await socket.requestAsync(call, datagram);
  }

  list(): Link[] {
    return listLinks(this.#socket);
  }

  find(name: string): Link | undefined {
    return this.list().find((link) => link.name === name);
  }

  /** IPv4 addresses of every link. */
  addresses(): LinkAddress[] {
    return this.#dump('list addresses', dumpAddresses(), RTM_NEWADDR).flatMap((reply) => {
      const local = readAttributes(reply.body, 8).get(IFA_LOCAL);
      const body = Buffer.from(reply.body);
      if (local === undefined) return [];
      return [{ index: body.readUInt32LE(4), address: local.readUInt32BE(0), prefixLength: body[1] ?? 0 }];
    });
  }

  /** Where IPv4 packets of this host have a route to but the default, other than by the link `but`. */
  routes(but?: number): Range[] {
    return this.#dump('list routes', dumpRoutes(), RTM_NEWROUTE).flatMap((reply) => {
      const attributes = readAttributes(reply.body, 12);
      const destination = attributes.get(RTA_DST);
      if (destination === undefined || attributes.get(RTA_OIF)?.readUInt32LE(0) === but) return [];
      return [{ address: destination.readUInt32BE(0), prefixLength: reply.body[1] ?? 0 }];
    });
  }

  /**
   * Makes the kernel act at once on links' having come up, which it otherwise leaves to a worker: asking for the state
   * (ETHTOOL_GLINK) brings it up to date. The bridge opens the port, and with its first port begins to send itself.
   */
  async settle(port: string, bridge: string): Promise<void> {
    for (const name of [port, bridge]) await this.#askForLink(name);
  }

  /** Fine when the link is gone. */
  async #askForLink(name: string): Promise<void> {
    const value = Buffer.from(Uint32Array.of(ETHTOOL_GLINK, 0).buffer);
    const request = Buffer.alloc(IFREQ_BYTES);
    request.write(name, 0, IFNAMSIZ - 1);
    request.writeBigUInt64LE(address(value), IFNAMSIZ);
    // It waits for the kernel's lock on links. What the request points to is given too, so that it lives as long.
    await sysAsync(nr.ioctl, this.#control, SIOCETHTOOL, request, value);
  }

  [Symbol.dispose](): void {
    closeSync(this.#control);
    this.#socket[Symbol.dispose]();
  }

  #dump(call: string, request: Buffer, type: number): NetlinkMessage[] {
    return this.#socket.request(call, request).filter((reply) => reply.type === type);
  }
}

function linkOf(reply: NetlinkMessage): Link {
  const body = Buffer.from(reply.body);
  const attributes = readAttributes(body, 16);
  const info = attributes.get(IFLA.LINKINFO);
  const kind = info === undefined ? undefined : readAttributes(info).get(IFLA_INFO_KIND);
  return {
    index: body.readInt32LE(4),
    name: textOf(attributes.get(IFLA.IFNAME)),
    kind: textOf(kind),
    macAddress:
      attributes
        .get(IFLA.ADDRESS)
        ?.toString('hex')
        .replace(/..(?=.)/g, '$&:') ?? '',
    mtu: attributes.get(IFLA.MTU)?.readUInt32LE(0) ?? 0,
    up: (body.readUInt32LE(8) & IFF_UP) !== 0,
    masterIndex: attributes.get(IFLA.MASTER)?.readUInt32LE(0) ?? 0,
  };
}

const textOf = (value: Buffer | undefined): string => value?.toString().replace(/\0.*$/, '') ?? '';

/** Runs `change`, and lets it fail with one of these errnos. */
export function tolerating(errnos: readonly number[], change: () => void): void {
  try {
    change();
  } catch (error) {
    if (!(error instanceof EngineError) || error.errno === undefined || !errnos.includes(error.errno))
      throw error;
  }
}
