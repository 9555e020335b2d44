import type { EndpointSettings } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import { contains, parseAddress } from './ipv4.ts';
import { isPredefined } from './network-table.ts';
import type { NetworkRecord } from './records.ts';

/**
 * Whether a container may ask this of a network; who has an address already is seen when it is taken.
 *
 * @throws {EngineError} `invalid` in dockerd's words
 */
export function checkSettings(network: NetworkRecord, settings: EndpointSettings): void {
  const { IPv4Address: address, IPv6Address: address6 } = settings.IPAMConfig ?? {};
  if (isPredefined(network.name)) {
    if (address || address6)
      throw invalid('user specified IP address is supported on user defined networks only');
    if (settings.Aliases?.length)
      throw invalid('network-scoped alias is supported only for containers in user defined networks');
  }
  if (address6 || (address && network.bridge?.subnetChosen))
    throw invalid(
      'user specified IP address is supported only when connecting to networks with user configured subnets',
    );
  if (address) checkAddress(address, network);
  if (settings.MacAddress) checkMac(settings.MacAddress);
}

function checkAddress(text: string, { bridge }: NetworkRecord): void {
  const address = parseAddress(text);
  if (address === undefined) throw invalid(`invalid IPv4 address: ${text}`);
  if (bridge !== undefined && !contains(bridge.subnet, address))
    throw invalid(`Invalid address ${text}: It does not belong to any of this network's subnets`);
}

/** Six octets, of which the first is of one interface alone: a group's is nobody's own. */
function checkMac(text: string): void {
  const octets = text.split(':');
  const isMac = octets.length === 6 && octets.every((octet) => /^[\da-f]{2}$/i.test(octet));
  if (!isMac || Number.parseInt(octets[0] ?? '', 16) % 2 === 1) throw invalid(`invalid MAC address: ${text}`);
}
