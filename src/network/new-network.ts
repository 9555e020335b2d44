import type { NetworkCreateRequest } from '#api/index.ts';
import { EngineError, forbidden, invalid, unsupported } from '#base/errors.ts';
import { newId, shortId } from '#base/id.ts';
import type { HostLinks } from '#linux/netlink-host.ts';
import { freeSubnet, type SubnetPool } from './address-pool.ts';
import { checkBridgeName } from './bridge.ts';
import { parseIpamAddress, parseIpamRange } from './ipam.ts';
import { contains, formatRange, networkOf, overlap, type Range } from './ipv4.ts';
import { DEFAULT_MTU } from './predefined.ts';
import type { BridgeRecord, NetworkRecord } from './records.ts';

/** What a new network must not meet: other networks, the host's routes and links. */
export interface Surroundings {
  readonly others: readonly BridgeRecord[];
  readonly routes: readonly Range[];
  readonly links: Pick<HostLinks, 'find'>;
  readonly pools: readonly SubnetPool[];
  readonly now: Date;
}

const OPTION = {
  name: 'com.docker.network.bridge.name',
  connected: 'com.docker.network.bridge.enable_icc',
  masquerade: 'com.docker.network.bridge.enable_ip_masquerade',
  hostBinding: 'com.docker.network.bridge.host_binding_ipv4',
  mtu: 'com.docker.network.driver.mtu',
} as const;

/** The record of a user's network, checked. @throws {EngineError} in Docker's words */
export function newNetwork(request: NetworkCreateRequest, around: Surroundings): NetworkRecord {
  const name = request.Name ?? '';
  if (!/^[\w][\w.-]*$/.test(name)) throw invalid(`invalid network name: ${JSON.stringify(name)}`);
  checkDriver(request.Driver ?? '');
  if (request.EnableIPv6 === true) throw unsupported('IPv6 networks are not supported yet');
  if (request.ConfigOnly === true) throw unsupported('Configuration-only networks are not supported yet');
  const id = newId();
  return {
    id,
    name,
    driver: 'bridge',
    createdAt: around.now.toISOString(),
    internal: request.Internal ?? false,
    attachable: request.Attachable ?? false,
    options: request.Options ?? {},
    labels: request.Labels ?? {},
    ipamOptions: request.IPAM?.Options ?? {},
    bridge: bridgeOf(id, request, around),
  };
}

function checkDriver(driver: string): void {
  if (driver === '' || driver === 'bridge' || driver === 'default') return;
  if (driver === 'host' || driver === 'null')
    throw forbidden(`only one instance of "${driver}" network is allowed`);
  throw new EngineError('notFound', `plugin "${driver}" not found`);
}

function bridgeOf(id: string, request: NetworkCreateRequest, around: Surroundings): BridgeRecord {
  const options = request.Options ?? {};
  const linkName = options[OPTION.name] || `br-${shortId(id)}`;
  if (linkName.length > 15) throw invalid(`invalid bridge name: ${linkName} is longer than 15 characters`);
  const link = around.links.find(linkName);
  checkBridgeName(link);
  return {
    linkName,
    managed: link === undefined,
    ...addressing(request, around),
    mtu: options[OPTION.mtu] === undefined ? DEFAULT_MTU : numberOf(OPTION.mtu, options[OPTION.mtu]),
    connected: flagOf(OPTION.connected, options[OPTION.connected]),
    masquerade: flagOf(OPTION.masquerade, options[OPTION.masquerade]),
    hostBinding: options[OPTION.hostBinding] || '0.0.0.0',
  };
}

type Addressing = Pick<
  BridgeRecord,
  'subnet' | 'subnetChosen' | 'gateway' | 'pool' | 'poolGiven' | 'reserved'
>;

function addressing(
  { IPAM: ipam }: NetworkCreateRequest,
  { others, routes, pools }: Surroundings,
): Addressing {
  const configs = ipam?.Config ?? [];
  if (configs.length > 1) throw invalid('bridge networks have one IPv4 subnet');
  const [config = {}] = configs;
  const used = others.map(({ subnet }) => subnet);
  const subnet = config.Subnet ? givenSubnet(config.Subnet, used) : freeSubnet(pools, [...used, ...routes]);
  if (subnet === undefined) throw invalid('all predefined address pools have been fully subnetted');
  const gateway = config.Gateway ? parseIpamAddress(config.Gateway) : subnet.address + 1;
  if (!contains(subnet, gateway)) throw invalid(`no matching subnet for gateway ${config.Gateway}`);
  const pool = config.IPRange ? networkOf(parseIpamRange(config.IPRange)) : subnet;
  if (!contains(subnet, pool.address)) throw invalid(`no matching subnet for range ${config.IPRange}`);
  const reserved = Object.entries(config.AuxiliaryAddresses ?? {}).map(([name, text]) => [
    name,
    parseIpamAddress(text),
  ]);
  return {
    subnet,
    ...(config.Subnet ? {} : { subnetChosen: true }),
    gateway,
    pool,
    poolGiven: Boolean(config.IPRange),
    reserved: Object.fromEntries(reserved),
  };
}

function givenSubnet(text: string, used: readonly Range[]): Range {
  const given = parseIpamRange(text);
  const subnet = networkOf(given);
  if (subnet.address !== given.address)
    throw invalid(`invalid subnet ${text}: it should be ${formatRange(subnet)}`);
  if (used.some((other) => overlap(other, subnet)))
    throw forbidden('invalid pool request: Pool overlaps with other one on this address space');
  return subnet;
}

function flagOf(option: string, text: string | undefined): boolean {
  if (text === undefined || ['true', '1', 't'].includes(text.toLowerCase())) return true;
  if (['false', '0', 'f'].includes(text.toLowerCase())) return false;
  throw invalid(`invalid value for ${option}: ${text}`);
}

function numberOf(option: string, text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw invalid(`invalid value for ${option}: ${text}`);
  return Number(text);
}
