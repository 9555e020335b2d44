import type { EndpointReply } from '#api/index.ts';
import type { Endpoint } from '#network/networks.ts';
import { networkNames } from '../networking.ts';
import type { ContainerRecord } from '../record.ts';

/** `NetworkSettings.Networks`: what the container has, or (of one that does not run) what it will ask for. */
export function endpointReplies(
  record: ContainerRecord,
  endpoints: readonly Endpoint[],
): Readonly<Record<string, EndpointReply>> {
  const byName = new Map(endpoints.map((endpoint) => [endpoint.networkName, endpoint]));
  const names = new Set([...byName.keys(), ...(endpoints.length > 0 ? [] : networkNames(record))]);
  return Object.fromEntries([...names].map((name) => [name, endpointReply(record, name, byName.get(name))]));
}

function endpointReply(record: ContainerRecord, name: string, endpoint: Endpoint | undefined): EndpointReply {
  const asked = record.endpoints[name];
  return {
    IPAMConfig: asked?.IPAMConfig ?? null,
    Links: asked?.Links ?? null,
    Aliases: asked?.Aliases ?? null,
    MacAddress: endpoint?.macAddress ?? '',
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
    DNSNames: isPredefined(name) ? null : [record.name, record.id.slice(0, 12)],
  };
}

const isPredefined = (name: string): boolean => ['bridge', 'host', 'none'].includes(name);
