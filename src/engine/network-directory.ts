import type { Network, NetworkContainer } from '#api/index.ts';
import { EngineError, invalid, unsupported } from '#base/errors.ts';
import type { Filters } from '#events/index.ts';
import { matchesExactly, matchesLabels } from '#events/index.ts';
import { formatAddress, formatRange } from '#network/ipv4.ts';
import { type EndpointRecord, type NetworkRecord, NetworkRows } from '#network/records.ts';
import type { NetworkDirectory } from './engine.ts';
import type { Rooms } from './rooms.ts';

/** What people see of networks, from their rows. The verbs that change them are not there yet: they say so. */
export function networkDirectory({ database }: Pick<Rooms, 'database'>): NetworkDirectory {
  const rows = new NetworkRows(database);
  const shown = () => {
    const endpoints = rows.endpoints();
    return rows.networks().map((record) => wireOf(record, containersOf(record.id, endpoints, rows)));
  };
  return {
    list: async (filters = {}) => shown().filter((network) => matches(network, filters)),
    inspect: async (reference) => found(shown(), reference),
    create: unbuilt('POST /networks/create'),
    remove: unbuilt('DELETE /networks/{id}'),
    connect: unbuilt('POST /networks/{id}/connect'),
    disconnect: unbuilt('POST /networks/{id}/disconnect'),
    prune: unbuilt('POST /networks/prune'),
  };
}

const unbuilt = (endpoint: string) => async (): Promise<never> => {
  throw unsupported(`${endpoint} is not implemented by this engine`);
};

function wireOf(record: NetworkRecord, containers: Record<string, NetworkContainer>): Network {
  const { bridge } = record;
  return {
    Name: record.name,
    Id: record.id,
    Created: record.createdAt,
    Scope: 'local',
    Driver: record.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: {
      Driver: 'default',
      ...(record.ipamOptions && { Options: record.ipamOptions }),
      Config: bridge === undefined ? [] : [ipamOf(bridge)],
    },
    Internal: record.internal,
    Attachable: record.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: containers,
    Options: record.options,
    Labels: record.labels,
  };
}

const ipamOf = (bridge: NonNullable<NetworkRecord['bridge']>) => ({
  Subnet: formatRange(bridge.subnet),
  ...(bridge.poolGiven && { IPRange: formatRange(bridge.pool) }),
  Gateway: formatAddress(bridge.gateway),
});

function containersOf(
  networkId: string,
  endpoints: readonly EndpointRecord[],
  rows: NetworkRows,
): Record<string, NetworkContainer> {
  const prefix = rows.networks().find(({ id }) => id === networkId)?.bridge?.subnet.prefixLength;
  const own = endpoints.filter((endpoint) => endpoint.networkId === networkId);
  return Object.fromEntries(
    own.map(({ containerId, endpointId, macAddress, address }) => [
      containerId,
      {
        Name: rows.containerName(containerId) ?? '',
        EndpointID: endpointId,
        MacAddress: macAddress,
        IPv4Address: address === 0 ? '' : `${formatAddress(address)}/${prefix}`,
        IPv6Address: '',
      },
    ]),
  );
}

/** By id, by name, or by the beginning of one id alone. */
function found(networks: readonly Network[], reference: string): Network {
  const exact = networks.find(({ Id, Name }) => Id === reference || Name === reference);
  if (exact !== undefined) return exact;
  const matching = reference === '' ? [] : networks.filter(({ Id }) => Id.startsWith(reference));
  if (matching.length > 1)
    throw invalid(`network ${reference} is ambiguous (${matching.length} matches found on ID)`);
  if (matching[0] === undefined) throw new EngineError('notFound', `network ${reference} not found`);
  return matching[0];
}

const predefined: readonly string[] = ['bridge', 'host', 'none'];

/** Docker's network filters: `driver`, `id`, `name` (a part of it), `label`, `scope`, `type`, `dangling`. */
function matches(network: Network, filters: Filters): boolean {
  const kind = predefined.includes(network.Name) ? 'builtin' : 'custom';
  const dangling = String(kind === 'custom' && Object.keys(network.Containers).length === 0);
  return (
    matchesExactly(filters, 'driver', network.Driver) &&
    matchesExactly(filters, 'scope', network.Scope) &&
    matchesExactly(filters, 'type', kind) &&
    (filters['dangling'] === undefined || filters['dangling'].some((want) => dangling === truth(want))) &&
    (filters['id'] === undefined || filters['id'].some((id) => network.Id.startsWith(id))) &&
    (filters['name'] === undefined || filters['name'].some((part) => network.Name.includes(part))) &&
    matchesLabels(filters['label'], network.Labels)
  );
}

const truth = (text: string): string => String(text === '1' || text === 'true');
