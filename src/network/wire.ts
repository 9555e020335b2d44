import type { IPAM, Network, NetworkContainer } from '#api/index.ts';
import { formatAddress, formatRange } from './ipv4.ts';
import type { BridgeRecord, EndpointRecord, NetworkRecord } from './records.ts';

/** A network in Docker's wire form. Who is attached is shown by `inspect` alone. */
export function networkView(
  network: NetworkRecord,
  attached: readonly { readonly endpoint: EndpointRecord; readonly name: string }[],
): Network {
  return {
    Name: network.name,
    Id: network.id,
    Created: network.createdAt,
    Scope: 'local',
    Driver: network.driver,
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: ipamView(network),
    Internal: network.internal,
    Attachable: network.attachable,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: Object.fromEntries(
      attached.map(({ endpoint, name }) => [
        endpoint.containerId,
        containerView(endpoint, name, network.bridge),
      ]),
    ),
    Options: network.options,
    Labels: network.labels,
  };
}

/** Go's nil for what was not given: the wire has null there. */
const nothing = null as unknown as undefined;

function ipamView({ bridge, ipamOptions }: NetworkRecord): IPAM {
  const Options = ipamOptions ?? nothing;
  if (bridge === undefined) return { Driver: 'default', Options, Config: nothing } as IPAM;
  const { subnet, gateway, pool, poolGiven, reserved } = bridge;
  const auxiliary = Object.entries(reserved).map(([name, address]) => [name, formatAddress(address)]);
  const config = {
    Subnet: formatRange(subnet),
    ...(poolGiven ? { IPRange: formatRange(pool) } : {}),
    Gateway: formatAddress(gateway),
    ...(auxiliary.length > 0
      ? { AuxiliaryAddresses: Object.fromEntries(auxiliary) as Record<string, string> }
      : {}),
  };
  return { Driver: 'default', Options, Config: [config] } as IPAM;
}

function containerView(
  { endpointId, macAddress, address }: EndpointRecord,
  name: string,
  bridge: BridgeRecord | undefined,
): NetworkContainer {
  const range = bridge && formatRange({ address, prefixLength: bridge.subnet.prefixLength });
  return {
    Name: name,
    EndpointID: endpointId,
    MacAddress: macAddress,
    IPv4Address: range ?? '',
    IPv6Address: '',
  };
}
