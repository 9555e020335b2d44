import { randomBytes } from 'node:crypto';
import { conflict } from '#base/errors.ts';
import { type HostLinks, type Link, tolerating } from '#linux/netlink-host.ts';
import {
  addAddress,
  addBridge,
  configureLink,
  deleteAddress,
  deleteLink,
  IPV4_CONF,
  setLinkMtu,
  setLinkUp,
} from '#linux/netlink-route.ts';
import type { BridgeRecord } from './records.ts';

/** asm-generic/errno-base.h, errno.h */
const ENODEV = 19;
const EADDRNOTAVAIL = 99;

/**
 * Makes a network's bridge what its record says, whatever there is of it: link, address, up, and reachable from the
 * host's loopback. A bridge that is not ours keeps its other addresses and its MTU.
 *
 * @returns the link's index
 * @throws {EngineError} `conflict` when a link of another kind has the name
 */
export function ensureBridge(links: HostLinks, bridge: BridgeRecord): number {
  const { index, mtu } = links.find(bridge.linkName) ?? makeBridge(links, bridge);
  const wanted = { index, address: bridge.gateway, prefixLength: bridge.subnet.prefixLength };
  const addresses = links.addresses().filter((address) => address.index === index);
  const isWanted = (one: (typeof addresses)[number]) =>
    one.address === wanted.address && one.prefixLength === wanted.prefixLength;
  if (!addresses.some(isWanted)) links.request('address add', addAddress(wanted));
  if (bridge.managed) {
    for (const other of addresses.filter((one) => !isWanted(one)))
      tolerating([EADDRNOTAVAIL], () => links.request('address delete', deleteAddress(other)));
    if (mtu !== bridge.mtu) links.request('link set', setLinkMtu({ index }, bridge.mtu));
  }
  links.request('link set', configureLink({ index }, { ipv4: [[IPV4_CONF.ROUTE_LOCALNET, 1]] }));
  links.request('link set', setLinkUp({ index }));
  return index;
}

function makeBridge(links: HostLinks, { linkName, mtu }: BridgeRecord): Link {
  const macAddress = `02:42:${randomBytes(4)
    .toString('hex')
    .replace(/..(?=.)/g, '$&:')}`;
  links.request(`link add ${linkName}`, addBridge({ name: linkName, macAddress, mtu }));
  const made = links.find(linkName);
  if (made === undefined) throw conflict(`The bridge ${linkName} was removed while it was being made`);
  return made;
}

/** Refuses a name that a link of another kind has. */
export function checkBridgeName(link: Link | undefined): void {
  if (link !== undefined && link.kind !== 'bridge')
    throw conflict(`Cannot use ${link.name} as a bridge: there is a link of that name and it is no bridge`);
}

/** Deletes the bridge's link, if it is ours. Fine when it is gone. */
export async function removeBridge(links: HostLinks, { managed, linkName }: BridgeRecord): Promise<void> {
  if (managed) await removeLink(links, linkName);
}

/** Fine when it is gone. */
export async function removeLink(links: HostLinks, name: string): Promise<void> {
  await links.requestAsync(`link delete ${name}`, deleteLink({ name })).catch((error: unknown) => {
    if (!isErrno(error, ENODEV)) throw error;
  });
}

/** Deletes ports of our bridges that belong to no endpoint. @returns their names */
export async function removeOrphans(
  links: HostLinks,
  bridges: ReadonlySet<number>,
  owned: ReadonlySet<string>,
): Promise<string[]> {
  const orphans = links
    .list()
    .filter((link) => link.kind === 'veth' && bridges.has(link.masterIndex) && !owned.has(link.name))
    .filter((link) => link.name.startsWith(LINK_PREFIX));
  for (const { index, name } of orphans)
    await links.requestAsync(`link delete ${name}`, deleteLink({ index })).catch((error: unknown) => {
      if (!isErrno(error, ENODEV)) throw error;
    });
  return orphans.map(({ name }) => name);
}

/** What the names of containers' links on the host begin with, as Docker's. */
export const LINK_PREFIX = 'veth';

const isErrno = (error: unknown, errno: number): boolean =>
  error instanceof Error && 'errno' in error && error.errno === errno;
