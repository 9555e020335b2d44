import type { EndpointSettings } from '#api/index.ts';
import { EngineError } from '#base/errors.ts';
import { shortId } from '#base/id.ts';
import type { AttachRequest, Endpoint, Networks, WantedNetwork } from '#network/networks.ts';
import { portRequests } from './ports.ts';
import type { ContainerRecord } from './record.ts';
import { peerOf } from './spec/namespaces.ts';

/** Whether a container has no network namespace that is its own. */
export const sharesNetwork = ({ hostConfig }: Pick<ContainerRecord, 'hostConfig'>): boolean =>
  hostConfig.NetworkMode === 'host' || peerOf(hostConfig.NetworkMode) !== undefined;

/** Networks whose containers do not know one another by name. */
const nameless = ['', 'default', 'bridge', 'host', 'none'];

/**
 * Whether the engine resolves a container's names: on a network of a user it does. One that was started for such a network
 * keeps the engine as its resolver also when it has left.
 */
export const resolvesByEngine = (
  { hostConfig: { NetworkMode: mode = '' } }: Pick<ContainerRecord, 'hostConfig'>,
  endpoints: readonly Pick<Endpoint, 'networkName'>[],
): boolean =>
  endpoints.some(({ networkName }) => !nameless.includes(networkName)) ||
  (peerOf(mode) === undefined && !nameless.includes(mode));

/**
 * The networks that a new container joins: the one of its mode first, then the others that were asked for, each by the
 * name that the network has, where there is one.
 */
export function joinedNetworks(
  {
    mode = 'bridge',
    asked = {},
  }: {
    readonly mode: string | undefined;
    readonly asked: Readonly<Record<string, EndpointSettings>> | null | undefined;
  },
  networks?: Pick<Networks, 'find'>,
): ContainerRecord['networks'] {
  if (peerOf(mode) !== undefined) return {};
  const main = nameOf(mode, networks);
  const named = Object.entries(asked ?? {}).map(
    ([name, settings]) => [name === 'default' ? main : nameOf(name, networks), settings] as const,
  );
  const own = named.find(([name]) => name === main)?.[1] ?? {};
  if (main === 'none' || main === 'host') return { [main]: own };
  return Object.fromEntries([[main, own], ...named.filter(([name]) => name !== main)]);
}

/** What is no network yet is one by its start, or is missed then. */
function nameOf(reference: string, networks: Pick<Networks, 'find'> | undefined): string {
  try {
    return networks?.find(reference).name ?? reference;
  } catch (error) {
    if (error instanceof EngineError) return reference;
    throw error;
  }
}

/** The id of a network by its name; '' when it is gone. */
export function networkId(name: string, networks: Pick<Networks, 'find'>): string {
  try {
    return networks.find(name).id;
  } catch (error) {
    if (error instanceof EngineError) return '';
    throw error;
  }
}

/** The names of the networks that a container joins at its start, in the order of its interfaces. */
export const networkNames = ({ networks }: Pick<ContainerRecord, 'networks'>): readonly string[] =>
  Object.keys(networks);

/** What to ask of the networks; undefined when the network is another's. */
export function attachRequest(record: ContainerRecord): AttachRequest | undefined {
  if (peerOf(record.hostConfig.NetworkMode) !== undefined) return undefined;
  return {
    containerId: record.id,
    networks: networkNames(record).map((name) => wantedNetwork(record, name)),
    ports: publishedPorts(record),
  };
}

/** What to ask of one of its networks. */
export function wantedNetwork(record: ContainerRecord, network: string): WantedNetwork {
  const asked = record.networks[network];
  const hostname = record.config.Hostname;
  const mac = asked?.MacAddress || (network === networkNames(record)[0] ? record.config.MacAddress : '');
  return {
    network,
    ...(asked?.IPAMConfig?.IPv4Address ? { address: asked.IPAMConfig.IPv4Address } : {}),
    ...(mac ? { macAddress: mac } : {}),
    ...(asked?.Aliases?.length ? { aliases: asked.Aliases } : {}),
    ...(asked?.Links?.length ? { links: asked.Links } : {}),
    ...(hostname && hostname !== shortId(record.id) ? { hostname } : {}),
    ...(asked?.GwPriority ? { gatewayPriority: asked.GwPriority } : {}),
  };
}

/** The ports that its networks publish: in the host's network they are there by themselves. */
export const publishedPorts = (record: ContainerRecord): AttachRequest['ports'] =>
  record.hostConfig.NetworkMode === 'host' ? [] : portRequests(record.config, record.hostConfig);
