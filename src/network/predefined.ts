import { unavailable } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import type { HostLinks } from '#linux/netlink-host.ts';
import { dockersPools, freeSubnet, type SubnetPool } from './address-pool.ts';
import { checkBridgeName } from './bridge.ts';
import { parseIpamAddress, parseIpamRange } from './ipam.ts';
import { networkOf, type Range } from './ipv4.ts';
import type { BridgeRecord, NetworkRecord } from './records.ts';

/** How the network `bridge` is to be: dockerd's flags. */
export interface BridgeOptions {
  /** The link's name: `--bridge`. `none`: there is no network `bridge`. */
  readonly name?: string;
  /** The bridge's own address with its prefix: `--bip`. Absent: one that is free. */
  readonly address?: string;
  /** What part of the subnet containers get: `--fixed-cidr`. */
  readonly containers?: string;
  readonly mtu?: number;
  /** Containers may reach one another: `--icc`. */
  readonly connected?: boolean;
  /** `--ip-masq` */
  readonly masquerade?: boolean;
  /** Where ports are published that name no address: `--ip`. */
  readonly hostBinding?: string;
  /** `--default-address-pool` */
  readonly pools?: readonly SubnetPool[];
}

export const DEFAULT_BRIDGE = 'hoist0';
export const DEFAULT_MTU = 1500;

/** The records of `bridge`, `host` and `none`: those that there are, made as configured; ids stay. */
export function predefinedRecords(
  options: BridgeOptions,
  known: (name: string) => NetworkRecord | undefined,
  host: { readonly links: HostLinks; readonly used: readonly Range[]; readonly now: Date },
): NetworkRecord[] {
  const plain = (name: string, driver: 'host' | 'null') => known(name) ?? blank(name, driver, host.now);
  const others = [plain('host', 'host'), plain('none', 'null')];
  return options.name === 'none' ? others : [bridgeNetwork(options, known('bridge'), host), ...others];
}

function blank(name: string, driver: NetworkRecord['driver'], now: Date): NetworkRecord {
  return {
    id: newId(),
    name,
    driver,
    createdAt: now.toISOString(),
    internal: false,
    attachable: false,
    options: {},
    labels: {},
    ipamOptions: null,
  };
}

function bridgeNetwork(
  options: BridgeOptions,
  before: NetworkRecord | undefined,
  host: { readonly links: HostLinks; readonly used: readonly Range[]; readonly now: Date },
): NetworkRecord {
  const bridge = bridgeRecord(options, before?.bridge, host);
  return { ...(before ?? blank('bridge', 'bridge', host.now)), bridge, options: wireOptions(bridge) };
}

function bridgeRecord(
  options: BridgeOptions,
  before: BridgeRecord | undefined,
  { links, used }: { readonly links: HostLinks; readonly used: readonly Range[] },
): BridgeRecord {
  const linkName = options.name ?? DEFAULT_BRIDGE;
  const link = links.find(linkName);
  checkBridgeName(link);
  const managed =
    link === undefined ||
    linkName === DEFAULT_BRIDGE ||
    (before?.managed === true && before.linkName === linkName);
  const own = addressOf(options, { before, present: presentAddress(links, link?.index), used });
  const subnet = networkOf(own);
  const pool = options.containers === undefined ? subnet : networkOf(parseIpamRange(options.containers));
  return {
    linkName,
    managed,
    subnet,
    gateway: own.address,
    pool,
    poolGiven: options.containers !== undefined,
    reserved: {},
    mtu: options.mtu ?? DEFAULT_MTU,
    connected: options.connected ?? true,
    masquerade: options.masquerade ?? true,
    hostBinding: options.hostBinding === undefined ? '0.0.0.0' : checkedAddress(options.hostBinding),
  };
}

/** What was asked for, else what the link has, else what it had, else the first subnet that the host has no route to. */
function addressOf(
  { address, pools = dockersPools }: BridgeOptions,
  {
    before,
    present,
    used,
  }: {
    readonly before: BridgeRecord | undefined;
    readonly present: Range | undefined;
    readonly used: readonly Range[];
  },
): Range {
  if (address !== undefined) return parseIpamRange(address);
  if (present !== undefined) return present;
  const isFree = (record: BridgeRecord) =>
    freeSubnet([{ base: record.subnet, size: record.subnet.prefixLength }], used) !== undefined;
  if (before !== undefined && isFree(before))
    return { address: before.gateway, prefixLength: before.subnet.prefixLength };
  const subnet = freeSubnet(pools, used);
  if (subnet === undefined) throw unavailable('all predefined address pools have been fully subnetted');
  return { address: subnet.address + 1, prefixLength: subnet.prefixLength };
}

function presentAddress(links: HostLinks, index: number | undefined): Range | undefined {
  const found = links.addresses().find((address) => address.index === index);
  return found === undefined ? undefined : { address: found.address, prefixLength: found.prefixLength };
}

function checkedAddress(text: string): string {
  parseIpamAddress(text);
  return text;
}

/** The options that Docker shows of its own network. */
const wireOptions = (bridge: BridgeRecord): Record<string, string> => ({
  'com.docker.network.bridge.default_bridge': 'true',
  'com.docker.network.bridge.enable_icc': String(bridge.connected),
  'com.docker.network.bridge.enable_ip_masquerade': String(bridge.masquerade),
  'com.docker.network.bridge.host_binding_ipv4': bridge.hostBinding,
  'com.docker.network.bridge.name': bridge.linkName,
  'com.docker.network.driver.mtu': String(bridge.mtu),
});
