import { randomBytes } from 'node:crypto';
import { EngineError, forbidden, invalid, unavailable } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { LINK_PREFIX } from './bridge.ts';
import { gatewayEndpoint, routeBy } from './gateway.ts';
import { parseIpamAddress } from './ipam.ts';
import { contains, formatAddress, macOf } from './ipv4.ts';
import type { LiveNetwork } from './network-table.ts';
import type { AttachRequest, Endpoint } from './networks.ts';
import { type Attachment, bridgePlan, emptyPlan, loopbackPlan, type NetworkPlan } from './plan.ts';
import type { EndpointRecord, NetworkRecord } from './records.ts';

type WantedNetwork = AttachRequest['networks'][number];

/** What links' indexes on the host begin with, and how many each bridge has for its ports. */
const FIRST_INDEX = 0x100000;
const INDEXES_A_BRIDGE = 0x10000;
const BRIDGES = 0x4000;

/**
 * Numbers for the host's ends of veths: chosen here, since only then the container's end has a number known beforehand.
 * Each bridge has a range of its own, so that engines side by side do not meet.
 */
export class LinkIndexes {
  readonly #used = new Set<number>();
  readonly #next = new Map<number, number>();

  /** Marks a living endpoint's number as used. */
  note(bridgeIndex: number, index: number): void {
    this.#used.add(index);
    this.noteLast(bridgeIndex, index);
  }

  /** Goes on after this number, that a port has which may be about to vanish. */
  noteLast(bridgeIndex: number, index: number): void {
    const base = baseOf(bridgeIndex);
    const after = index - base + 1;
    if (after > (this.#next.get(base) ?? 0) && after <= INDEXES_A_BRIDGE) this.#next.set(base, after);
  }

  take(bridgeIndex: number): number {
    const base = baseOf(bridgeIndex);
    let offset = this.#next.get(base) ?? 0;
    for (let tries = 0; this.#used.has(base + (offset % INDEXES_A_BRIDGE)); tries += 1, offset += 1)
      if (tries === INDEXES_A_BRIDGE) throw unavailable('The bridge has no free port');
    const index = base + (offset % INDEXES_A_BRIDGE);
    this.#next.set(base, (offset % INDEXES_A_BRIDGE) + 1);
    this.#used.add(index);
    return index;
  }

  give(index: number): void {
    this.#used.delete(index);
  }
}

const baseOf = (bridgeIndex: number): number => FIRST_INDEX + (bridgeIndex % BRIDGES) * INDEXES_A_BRIDGE;

/** Chooses address, MAC and link for a container on a network; nothing is taken yet but the link's index. */
export function newEndpoint(
  containerId: string,
  wanted: WantedNetwork,
  network: LiveNetwork,
  place: { readonly position: number; readonly indexes: LinkIndexes },
): EndpointRecord {
  const address = addressFor(wanted, network);
  const onBridge = network.linkIndex !== undefined;
  return {
    containerId,
    networkId: network.record.id,
    endpointId: newId(),
    position: place.position,
    address,
    macAddress: onBridge ? wanted.macAddress?.toLowerCase() || macOf(address) : '',
    linkName: onBridge ? `${LINK_PREFIX}${randomBytes(4).toString('hex').slice(1)}` : '',
    linkIndex: network.linkIndex === undefined ? 0 : place.indexes.take(network.linkIndex),
    aliases: wanted.aliases ?? [],
    ...(wanted.links?.length ? { links: wanted.links } : {}),
    ...(wanted.hostname ? { hostname: wanted.hostname } : {}),
    ...(wanted.gatewayPriority ? { gatewayPriority: wanted.gatewayPriority } : {}),
  };
}

function addressFor({ address }: WantedNetwork, { record, pool }: LiveNetwork): number {
  if (record.bridge === undefined || pool === undefined) return 0;
  if (address !== undefined && address !== '') return givenAddress(address, record, pool);
  const next = pool.next();
  if (next === undefined)
    throw unavailable(
      `no available IPv4 addresses on this network's address pools: ${record.name} (${record.id})`,
    );
  return next;
}

function givenAddress(
  text: string,
  { name, bridge }: NetworkRecord,
  pool: NonNullable<LiveNetwork['pool']>,
): number {
  if (name === 'bridge')
    throw invalid(
      `invalid config for network ${name}: invalid endpoint settings:\nuser specified IP address is supported on user defined networks only`,
    );
  if (bridge?.subnetChosen)
    throw invalid(
      `invalid config for network ${name}: invalid endpoint settings:\nuser specified IP address is supported only when connecting to networks with user configured subnets`,
    );
  const address = parseIpamAddress(text);
  if (bridge !== undefined && !contains(bridge.subnet, address))
    throw invalid(
      `invalid config for network ${name}: invalid endpoint settings:\nno configured subnet or ip-range contain the IP address ${text}`,
    );
  if (pool.isTaken(address)) throw forbidden('Address already in use');
  return address;
}

/** How the endpoints of one container come to be. */
export function planFor(
  endpoints: readonly EndpointRecord[],
  networkOf: (id: string) => LiveNetwork,
  { hairpin }: { readonly hairpin: boolean },
): NetworkPlan {
  const networks = endpoints.map((endpoint) => networkOf(endpoint.networkId));
  if (networks.some(({ record }) => record.driver === 'host')) return emptyPlan;
  const attachments = endpoints.flatMap(
    (endpoint) => attachmentOf(endpoint, networkOf(endpoint.networkId), { hairpin }) ?? [],
  );
  if (attachments.length === 0) return loopbackPlan();
  const recordOf = (id: string) => networkOf(id).record;
  const gateway = gatewayEndpoint(endpoints, recordOf);
  return bridgePlan(attachments, gateway && routeBy(gateway, recordOf(gateway.networkId)));
}

/** What an endpoint is to the kernel; nothing, of one on a network without a bridge. */
export function attachmentOf(
  endpoint: EndpointRecord,
  { record: { bridge, name }, linkIndex }: LiveNetwork,
  { hairpin }: { readonly hairpin: boolean },
): Attachment | undefined {
  if (bridge === undefined) return undefined;
  if (linkIndex === undefined)
    throw new EngineError('unavailable', `The network ${name} has no bridge on this host`);
  return {
    position: endpoint.position,
    hostName: endpoint.linkName,
    hostIndex: endpoint.linkIndex,
    bridgeIndex: linkIndex,
    macAddress: endpoint.macAddress,
    address: endpoint.address,
    prefixLength: bridge.subnet.prefixLength,
    mtu: bridge.mtu,
    hairpin,
  };
}

/** An endpoint as those above see it. */
export function endpointView(endpoint: EndpointRecord, { record }: LiveNetwork): Endpoint {
  const { bridge } = record;
  return {
    networkId: record.id,
    networkName: record.name,
    endpointId: endpoint.endpointId,
    address: bridge === undefined ? '' : formatAddress(endpoint.address),
    prefixLength: bridge?.subnet.prefixLength ?? 0,
    gateway: bridge === undefined || record.internal ? '' : formatAddress(bridge.gateway),
    macAddress: endpoint.macAddress,
    aliases: endpoint.aliases,
  };
}
