import {
  addAddress,
  addDefaultRoute,
  addVeth,
  batch,
  configureLink,
  type DefaultRoute,
  IPV4_CONF,
  pinMac,
  replaceDefaultRoute,
  setHairpin,
  setLinkUp,
  setNeighbour,
} from '#linux/netlink-route.ts';

/**
 * How a container's network comes to be, as datagrams for whoever has the namespaces: the shape that
 * `#runtime/format.ts` plays (rooms meet in the shape, not in an import).
 *
 * A datagram may hold several requests; only the last is acknowledged, and a failure comes before that.
 */
export interface NetworkPlan {
  readonly host: readonly { readonly bytes: Uint8Array; readonly netnsFdOffset?: number }[];
  readonly inner: readonly Uint8Array[];
}

/** One interface of a container, and the bridge's port at its other end. */
export interface Attachment {
  /** Which interface it is: 0 is `eth0`. */
  readonly position: number;
  readonly hostName: string;
  readonly hostIndex: number;
  readonly bridgeIndex: number;
  readonly macAddress: string;
  readonly address: number;
  readonly prefixLength: number;
  readonly mtu: number;
  /** It may reach itself by a published port. */
  readonly hairpin: boolean;
}

/** The loopback interface's index, in every network namespace. */
const LOOPBACK = 1;
/** Of `eth0`; the next ones follow. Beyond those of the tunnels that some kernels put in each new namespace. */
const FIRST_INDEX = 16;

/** A namespace of its own with nothing but loopback: the `none` network. */
export const loopbackPlan = (): NetworkPlan => ({ host: [], inner: [setLinkUp({ index: LOOPBACK })] });

/** The host's own namespace: nothing to do. */
export const emptyPlan: NetworkPlan = { host: [], inner: [] };

/** The index that an interface has in its container. */
export const interfaceIndex = (position: number): number => FIRST_INDEX + position;

export const interfaceName = (position: number): string => `eth${position}`;

/** Loopback, the interfaces, and the default route. */
export function bridgePlan(attachments: readonly Attachment[], route: DefaultRoute | undefined): NetworkPlan {
  const inner = attachments.flatMap(interfaceRequests);
  const routes = route === undefined ? [] : [addDefaultRoute(route)];
  return {
    host: attachments.map(hostRequests),
    inner: [batch(setLinkUp({ index: LOOPBACK }), ...inner, ...routes)],
  };
}

/** One interface more, for a container that runs. */
export const connectPlan = (attachment: Attachment): NetworkPlan => ({
  host: [hostRequests(attachment)],
  inner: [batch(...interfaceRequests(attachment))],
});

/** Another default route in place of the one that a container has. */
export const routePlan = (route: DefaultRoute): NetworkPlan => ({
  host: [],
  inner: [replaceDefaultRoute(route)],
});

function hostRequests(attachment: Attachment): NetworkPlan['host'][number] {
  const { hostName, hostIndex, bridgeIndex, macAddress, address, mtu, position } = attachment;
  const veth = addVeth({
    host: { name: hostName, index: hostIndex, masterIndex: bridgeIndex },
    peer: { name: interfaceName(position), index: interfaceIndex(position), macAddress },
    mtu,
  });
  const pinned = pinMac({ index: hostIndex, macAddress });
  const known = setNeighbour({ index: bridgeIndex, address, macAddress });
  const hairpin = attachment.hairpin ? [setHairpin({ index: hostIndex })] : [];
  return { bytes: batch(veth.bytes, pinned, known, ...hairpin), netnsFdOffset: veth.netnsFdOffset };
}

/** The address comes before the link is up, so that its coming up tells the neighbours (ARP_NOTIFY). */
function interfaceRequests({ address, prefixLength, position }: Attachment): Buffer[] {
  const index = interfaceIndex(position);
  return [
    configureLink({ index }, { ipv4: [[IPV4_CONF.ARP_NOTIFY, 1]], noIpv6: true }),
    addAddress({ index, address, prefixLength }),
    setLinkUp({ index }),
  ];
}
