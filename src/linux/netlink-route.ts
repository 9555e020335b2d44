import { attribute, message, NLM_F, nested, text, u8, u32, u32be } from './netlink.ts';

/** linux/rtnetlink.h, linux/if_link.h, linux/neighbour.h, linux/veth.h */
const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  SETLINK: 19,
  NEWADDR: 20,
  DELADDR: 21,
  GETADDR: 22,
  NEWROUTE: 24,
  GETROUTE: 26,
  NEWNEIGH: 28,
} as const;
const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  MASTER: 10,
  LINKINFO: 18,
  AF_SPEC: 26,
  NET_NS_FD: 28,
} as const;
const IFLA_INFO_KIND = 1;
const IFLA_INFO_DATA = 2;
const VETH_INFO_PEER = 1;
const IFLA_PROTINFO = 12;
const IFLA_BRPORT_MODE = 4;
const IFLA_INET_CONF = 1;
const IFLA_INET6_ADDR_GEN_MODE = 8;
const IN6_ADDR_GEN_MODE_NONE = 1;
const IFA = { ADDRESS: 1, LOCAL: 2, LABEL: 3, BROADCAST: 4 } as const;
const RTA = { OIF: 4, GATEWAY: 5 } as const;
const NDA = { DST: 1, LLADDR: 2 } as const;
const NUD_STALE = 0x04;
const NUD_NOARP = 0x40;
const NTF_MASTER = 0x04;
const NTF_STICKY = 0x40;
const AF_UNSPEC = 0;
const AF_INET = 2;
const AF_BRIDGE = 7;
const AF_INET6 = 10;
const IFF_UP = 1;
const RTPROT_BOOT = 3;
const RTN_UNICAST = 1;
const RT_TABLE_MAIN = 254;

/** Settings of an interface under net.ipv4.conf, as netlink numbers them. linux/ip.h, IPV4_DEVCONF_* */
export const IPV4_CONF = { FORWARDING: 1, ARP_NOTIFY: 22, ROUTE_LOCALNET: 26 } as const;

/** Which link a request means. */
export type LinkReference = { readonly index: number } | { readonly name: string };

/** A request whose acknowledgement is asked for. */
function request(type: number, flags: number, ...parts: readonly Uint8Array[]): Buffer {
  return message({ type, flags: NLM_F.REQUEST | NLM_F.ACK | flags, body: Buffer.concat(parts) });
}

/**
 * Several requests as one datagram, of which only the last asks for an acknowledgement: whoever sends it awaits one
 * reply, and the first failure comes before it. The kernel carries out every request, also those after a failed one.
 */
export function batch(...requests: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(requests);
  let at = 0;
  for (const { length } of requests.slice(0, -1)) {
    bytes.writeUInt16LE(bytes.readUInt16LE(at + 6) & ~NLM_F.ACK, at + 6);
    at += length;
  }
  return bytes;
}

/** struct ifinfomsg */
function linkHeader({ index = 0, up = false, family = AF_UNSPEC }): Buffer {
  const bytes = Buffer.alloc(16);
  bytes[0] = family;
  bytes.writeInt32LE(index, 4);
  bytes.writeUInt32LE(up ? IFF_UP : 0, 8);
  bytes.writeUInt32LE(up ? IFF_UP : 0, 12);
  return bytes;
}

const mac = (type: number, address: string): Buffer =>
  attribute(type, Buffer.from(address.replaceAll(':', ''), 'hex'));
const referenceHeader = (link: LinkReference, up: boolean) =>
  linkHeader({ index: 'index' in link ? link.index : 0, up });
const referenceName = (link: LinkReference) => ('name' in link ? [text(IFLA.IFNAME, link.name)] : []);

/** A new bridge, up. Its MAC is given, so that it does not change as ports come and go. Fails with EEXIST when the name is taken. */
export function addBridge(bridge: {
  readonly name: string;
  readonly macAddress: string;
  readonly mtu: number;
}): Buffer {
  return request(
    RTM.NEWLINK,
    NLM_F.CREATE | NLM_F.EXCL,
    linkHeader({ up: true }),
    text(IFLA.IFNAME, bridge.name),
    mac(IFLA.ADDRESS, bridge.macAddress),
    u32(IFLA.MTU, bridge.mtu),
    nested(IFLA.LINKINFO, text(IFLA_INFO_KIND, 'bridge')),
  );
}

export interface Veth {
  readonly host: { readonly name: string; readonly index: number; readonly masterIndex: number };
  readonly peer: { readonly name: string; readonly index: number; readonly macAddress: string };
  readonly mtu: number;
}

/**
 * A new veth: the host's end up and in its bridge, the other made directly in another namespace, down.
 *
 * Both indexes are chosen by the caller (the kernel takes the peer's only with the host's), so that requests inside can
 * name the peer without asking. The descriptor of the other namespace is written at `netnsFdOffset`, as 4 bytes.
 */
export function addVeth({ host, peer, mtu }: Veth): {
  readonly bytes: Buffer;
  readonly netnsFdOffset: number;
} {
  const peerInfo = Buffer.concat([
    linkHeader({ index: peer.index }),
    text(IFLA.IFNAME, peer.name),
    mac(IFLA.ADDRESS, peer.macAddress),
    u32(IFLA.MTU, mtu),
    u32(IFLA.NET_NS_FD, 0xffffffff),
  ]);
  const data = nested(IFLA_INFO_DATA, nested(VETH_INFO_PEER, peerInfo));
  const bytes = request(
    RTM.NEWLINK,
    NLM_F.CREATE | NLM_F.EXCL,
    linkHeader({ index: host.index, up: true }),
    text(IFLA.IFNAME, host.name),
    u32(IFLA.MTU, mtu),
    u32(IFLA.MASTER, host.masterIndex),
    nested(IFLA.LINKINFO, text(IFLA_INFO_KIND, 'veth'), data),
  );
  return { bytes, netnsFdOffset: bytes.length - 4 };
}

/** Brings a link up. */
export const setLinkUp = (link: LinkReference): Buffer =>
  request(RTM.SETLINK, 0, referenceHeader(link, true), ...referenceName(link));

/** Settings of net.ipv4.conf for one interface, as `[IPV4_CONF…, value]`; with `noIpv6`, it gets no automatic IPv6 address. */
export function configureLink(
  link: LinkReference,
  settings: { readonly ipv4: readonly (readonly [number, number])[]; readonly noIpv6?: boolean },
): Buffer {
  const inet = settings.ipv4.map(([setting, value]) => u32(setting, value));
  const inet6 = nested(AF_INET6, u8(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE));
  return request(
    RTM.SETLINK,
    0,
    referenceHeader(link, false),
    ...referenceName(link),
    nested(
      IFLA.AF_SPEC,
      nested(AF_INET, nested(IFLA_INET_CONF, ...inet)),
      ...(settings.noIpv6 ? [inet6] : []),
    ),
  );
}

/** Lets a port of a bridge send out what came in by it: how a container reaches itself by way of the host. */
export const setHairpin = (port: { readonly index: number }): Buffer =>
  request(
    RTM.SETLINK,
    0,
    linkHeader({ index: port.index, family: AF_BRIDGE }),
    nested(IFLA_PROTINFO, u8(IFLA_BRPORT_MODE, 1)),
  );

export const setLinkMtu = (link: LinkReference, mtu: number): Buffer =>
  request(RTM.SETLINK, 0, referenceHeader(link, false), ...referenceName(link), u32(IFLA.MTU, mtu));

/** Deletes a link: waits for the kernel, tens of milliseconds for a veth. */
export const deleteLink = (link: LinkReference): Buffer =>
  request(RTM.DELLINK, 0, referenceHeader(link, false), ...referenceName(link));

/** An IPv4 address as a number, on a link. */
export interface LinkAddress {
  readonly index: number;
  readonly address: number;
  readonly prefixLength: number;
}

/** struct ifaddrmsg */
const addressHeader = ({ index, prefixLength }: LinkAddress): Buffer => {
  const bytes = Buffer.of(AF_INET, prefixLength, 0, 0, 0, 0, 0, 0);
  bytes.writeUInt32LE(index, 4);
  return bytes;
};

const broadcastOf = ({ address, prefixLength }: LinkAddress) =>
  (address | (0xffffffff >>> prefixLength)) >>> 0;

/** Gives a link an address, with its network's broadcast address and route. */
export function addAddress(given: LinkAddress): Buffer {
  const attributes = [u32be(IFA.LOCAL, given.address), u32be(IFA.ADDRESS, given.address)];
  if (given.prefixLength < 31) attributes.push(u32be(IFA.BROADCAST, broadcastOf(given)));
  return request(RTM.NEWADDR, NLM_F.CREATE | NLM_F.REPLACE, addressHeader(given), ...attributes);
}

export const deleteAddress = (taken: LinkAddress): Buffer =>
  request(RTM.DELADDR, 0, addressHeader(taken), u32be(IFA.LOCAL, taken.address));

/** To everywhere, by a gateway. */
export interface DefaultRoute {
  readonly index: number;
  readonly gateway: number;
}

export const addDefaultRoute = (route: DefaultRoute): Buffer => defaultRoute(route, NLM_F.EXCL);

/** The same, in place of the one that there may be. */
export const replaceDefaultRoute = (route: DefaultRoute): Buffer => defaultRoute(route, NLM_F.REPLACE);

/** struct rtmsg */
function defaultRoute({ index, gateway }: DefaultRoute, flags: number): Buffer {
  const header = Buffer.of(AF_INET, 0, 0, 0, RT_TABLE_MAIN, RTPROT_BOOT, 0, RTN_UNICAST, 0, 0, 0, 0);
  return request(
    RTM.NEWROUTE,
    NLM_F.CREATE | flags,
    header,
    u32be(RTA.GATEWAY, gateway),
    u32(RTA.OIF, index),
  );
}

/** struct ndmsg */
function neighbourHeader(family: number, index: number, state: number, flags: number): Buffer {
  const header = Buffer.alloc(12);
  header[0] = family;
  header.writeInt32LE(index, 4);
  header.writeUInt16LE(state, 8);
  header[10] = flags;
  return header;
}

/** Nails a MAC address to a port of its bridge: what another port says of it later changes nothing. Goes with the port. */
export function pinMac(port: { readonly index: number; readonly macAddress: string }): Buffer {
  const header = neighbourHeader(AF_BRIDGE, port.index, NUD_NOARP, NTF_MASTER | NTF_STICKY);
  return request(RTM.NEWNEIGH, NLM_F.CREATE | NLM_F.REPLACE, header, mac(NDA.LLADDR, port.macAddress));
}

/** Tells a link who has an IPv4 address now, in place of whoever had it; to be confirmed on use. */
export function setNeighbour(neighbour: {
  readonly index: number;
  readonly address: number;
  readonly macAddress: string;
}): Buffer {
  return request(
    RTM.NEWNEIGH,
    NLM_F.CREATE | NLM_F.REPLACE,
    neighbourHeader(AF_INET, neighbour.index, NUD_STALE, 0),
    u32be(NDA.DST, neighbour.address),
    mac(NDA.LLADDR, neighbour.macAddress),
  );
}

const dump = (type: number, header: Buffer): Buffer =>
  message({ type, flags: NLM_F.REQUEST | NLM_F.DUMP, body: header });

export const dumpLinks = (): Buffer => dump(RTM.GETLINK, linkHeader({}));
export const dumpAddresses = (): Buffer => dump(RTM.GETADDR, Buffer.of(AF_INET, 0, 0, 0, 0, 0, 0, 0));
export const dumpRoutes = (): Buffer =>
  dump(RTM.GETROUTE, Buffer.of(AF_INET, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
