import type { EndpointSettings } from '#api/index.ts';
import { csvFields } from './mounts.ts';

/** One `--network`: a name, or `name=net,alias=web,ip=10.0.0.5`. */
export interface NetworkChoice {
  readonly name: string;
  readonly endpoint: EndpointSettings;
}

type Draft = { -readonly [K in keyof EndpointSettings]?: EndpointSettings[K] };

/** @throws Error in Docker's words */
export function parseNetwork(text: string): NetworkChoice {
  if (!text.includes('=')) return { name: text, endpoint: {} };
  let name = '';
  const endpoint: Draft = {};
  for (const field of csvFields(text)) {
    const equals = field.indexOf('=');
    if (equals < 1) throw new Error(`invalid field ${field}`);
    const key = field.slice(0, equals).trim().toLowerCase();
    const value = field.slice(equals + 1).trim();
    if (key === 'name') name = value;
    else setField(endpoint, key, value);
  }
  return { name: name === '' ? 'default' : name, endpoint };
}

function setField(endpoint: Draft, key: string, value: string): void {
  switch (key) {
    case 'alias':
      endpoint.Aliases = [...(endpoint.Aliases ?? []), value];
      return;
    case 'ip':
      endpoint.IPAMConfig = { ...endpoint.IPAMConfig, IPv4Address: value };
      return;
    case 'ip6':
      endpoint.IPAMConfig = { ...endpoint.IPAMConfig, IPv6Address: value };
      return;
    case 'link-local-ip':
      endpoint.IPAMConfig = {
        ...endpoint.IPAMConfig,
        LinkLocalIPs: [...(endpoint.IPAMConfig?.LinkLocalIPs ?? []), value],
      };
      return;
    case 'mac-address':
      endpoint.MacAddress = value;
      return;
    case 'driver-opt': {
      const equals = value.indexOf('=');
      if (equals < 1) throw new Error(`invalid key value pair format in driver options`);
      endpoint.DriverOpts = { ...endpoint.DriverOpts, [value.slice(0, equals)]: value.slice(equals + 1) };
      return;
    }
    case 'gw-priority':
      if (!/^-?\d+$/.test(value)) throw new Error(`invalid gw-priority: ${value}`);
      endpoint.GwPriority = Number(value);
      return;
    default:
      throw new Error(`invalid field key ${key}`);
  }
}

export interface NetworkFlags {
  readonly network: readonly NetworkChoice[];
  readonly ip: string;
  readonly ip6: string;
  readonly link: readonly string[];
  readonly 'network-alias': readonly string[];
  readonly 'link-local-ip': readonly string[];
  readonly 'mac-address': string;
}

/**
 * The endpoints of a new container. The flags beside `--network` speak of the first one, and may not say again what
 * its own fields say.
 */
export function endpointsOf(flags: NetworkFlags): {
  mode: string;
  endpoints: Record<string, EndpointSettings>;
} {
  const [first = { name: 'default', endpoint: {} }, ...others] = flags.network;
  const conflict = clash(first.endpoint, flags);
  if (conflict !== undefined)
    throw new Error(
      `conflicting options: cannot specify both --${conflict} and per-network ${perNetwork[conflict]}`,
    );
  if (flags['network-alias'].length > 0 && !isUserDefined(first.name)) {
    throw new Error('network-scoped aliases are only supported for user-defined networks');
  }
  const all = [{ name: first.name, endpoint: { ...first.endpoint, ...ofFlags(flags, first) } }, ...others];
  const names = all.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`network "${twice}" is specified multiple times`);
  // these are no networks: nothing is attached
  if (/^(host|none|container:.*)$/.test(first.name)) return { mode: first.name, endpoints: {} };
  return {
    mode: first.name,
    endpoints: Object.fromEntries(all.map(({ name, endpoint }) => [name, endpoint])),
  };
}

const perNetwork: Readonly<Record<string, string>> = {
  'network-alias': 'alias',
  ip: 'IPv4 address',
  ip6: 'IPv6 address',
  'link-local-ip': 'link-local IP addresses',
  'mac-address': 'MAC address',
};

function clash(
  { Aliases, IPAMConfig, MacAddress }: EndpointSettings,
  flags: NetworkFlags,
): string | undefined {
  if (Aliases?.length && flags['network-alias'].length > 0) return 'network-alias';
  if (IPAMConfig?.IPv4Address && flags.ip !== '') return 'ip';
  if (IPAMConfig?.IPv6Address && flags.ip6 !== '') return 'ip6';
  if (IPAMConfig?.LinkLocalIPs?.length && flags['link-local-ip'].length > 0) return 'link-local-ip';
  if (MacAddress && flags['mac-address'] !== '') return 'mac-address';
  return undefined;
}

function ofFlags(flags: NetworkFlags, { name, endpoint }: NetworkChoice): EndpointSettings {
  const { ip, ip6, link } = flags;
  const local = flags['link-local-ip'];
  const addresses = {
    ...(ip !== '' && { IPv4Address: ip }),
    ...(ip6 !== '' && { IPv6Address: ip6 }),
    ...(local.length > 0 && { LinkLocalIPs: local }),
  };
  return {
    ...(Object.keys(addresses).length > 0 && { IPAMConfig: { ...endpoint.IPAMConfig, ...addresses } }),
    ...(flags['network-alias'].length > 0 && { Aliases: flags['network-alias'] }),
    ...(link.length > 0 && isUserDefined(name) && { Links: link }),
    ...(flags['mac-address'] !== '' && { MacAddress: flags['mac-address'] }),
  };
}

const isUserDefined = (name: string) => !/^(default|bridge|host|none|container:.*)$/.test(name);
