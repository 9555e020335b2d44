import type { EndpointReply } from '#api/index.ts';
import type { Endpoint, Networks } from '#network/networks.ts';
import type { Container } from '../container.ts';
import { networkId, networkNames } from '../networking.ts';
import { type ContainerRecord, zeroTime } from '../record.ts';

/**
 * `NetworkSettings.Networks`, sorted: what the container has, or (of one that does not run) what it will ask for. Who has
 * run knows the networks' ids: by them compose sees that it is where it should be.
 */
export function endpointReplies(
  { record, state }: Pick<Container, 'record' | 'state'>,
  endpoints: readonly Endpoint[],
  networks: Pick<Networks, 'find'>,
): Readonly<Record<string, EndpointReply>> {
  const byName = new Map(endpoints.map((endpoint) => [endpoint.networkName, endpoint]));
  const hasRun = state.startedAt !== zeroTime;
  return Object.fromEntries(
    networkNames(record)
      .toSorted()
      .map((name) => {
        const reply = endpointReply(record, name, byName.get(name));
        return [name, hasRun ? { ...reply, NetworkID: reply.NetworkID || networkId(name, networks) } : reply];
      }),
  );
}

function endpointReply(record: ContainerRecord, name: string, endpoint: Endpoint | undefined): EndpointReply {
  const asked = record.networks[name];
  return {
    IPAMConfig: asked?.IPAMConfig ?? null,
    Links: asked?.Links ?? null,
    Aliases: asked?.Aliases ?? null,
    MacAddress: endpoint?.macAddress ?? asked?.MacAddress ?? '',
    DriverOpts: asked?.DriverOpts ?? null,
    GwPriority: asked?.GwPriority ?? 0,
    NetworkID: endpoint?.networkId ?? '',
    EndpointID: endpoint?.endpointId ?? '',
    Gateway: endpoint?.gateway ?? '',
    IPAddress: endpoint?.address ?? '',
    IPPrefixLen: endpoint?.prefixLength ?? 0,
    IPv6Gateway: '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    DNSNames: isPredefined(name) ? null : dnsNames(record, asked?.Aliases ?? []),
  };
}

/** What the network's resolver knows it by. */
const dnsNames = ({ name, id, config }: ContainerRecord, aliases: readonly string[]): string[] => [
  ...new Set([name, ...aliases, id.slice(0, 12), ...(config.Hostname ? [config.Hostname] : [])]),
];

const isPredefined = (name: string): boolean => ['bridge', 'host', 'none'].includes(name);
