import {
  addChain,
  addElements,
  addRule,
  addSet,
  addTable,
  deleteTable,
  FIELD,
  type SetDefinition,
  type SetElement,
} from '#linux/nftables.ts';
import {
  accept,
  compare,
  drop,
  established,
  inSet,
  loadField,
  loadMeta,
  lookUp,
  masquerade,
  redirect,
  redirected,
  startsWith,
  toThisHost,
} from '#linux/nftables-expressions.ts';
import type { FilteredNetwork, FirewallRules, Redirection } from './firewall.ts';
import { lastOf, networkOf } from './ipv4.ts';

/**
 * The engine's one table, as `nft` would write it:
 *
 *     table ip hoist_hoist0 {
 *       map published      { type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service }
 *       map published_any  { type inet_proto . inet_service : ipv4_addr . inet_service }
 *       set bridges        { type ifname }
 *       set connected      { type ifname . ifname }      # may talk: a bridge with itself
 *       set internal       { type ifname }
 *       set subnets        { type ipv4_addr; flags interval }
 *       set masqueraded    { type ipv4_addr; flags interval }
 *
 *       chain guard { type filter hook prerouting priority raw
 *         iifname != "lo" ip daddr 127.0.0.0/8 drop       # what route_localnet would let in
 *       }
 *       chain prerouting { type nat hook prerouting priority dstnat     (output: the same, for the host itself)
 *         fib daddr type local dnat ip to meta l4proto . ip daddr . th dport map @published
 *         fib daddr type local dnat ip to meta l4proto . th dport map @published_any
 *       }
 *       chain postrouting { type nat hook postrouting priority srcnat
 *         ip saddr 127.0.0.0/8 oifname @bridges masquerade
 *         ip saddr @masqueraded oifname != @bridges oifname != "lo" masquerade
 *         ct status dnat ip saddr @subnets oifname @bridges masquerade   # a container by way of the host
 *       }
 *       chain forward { type filter hook forward priority filter
 *         oifname @bridges ct state established,related accept
 *         iifname . oifname @connected accept
 *         iifname @internal drop
 *         oifname @internal drop
 *         oifname @bridges ct status dnat accept
 *         oifname @bridges drop
 *
 *         iifname @bridges accept                          # these only where it was we that made the host forward
 *         meta iifkind "bridge" accept                     # and "veth", "tun", "wireguard"; oifkind likewise
 *         drop
 *       }
 *     }
 *
 * A published port is one element of a map; no packet passes a rule of its own.
 */
const sets = {
  published: {
    name: 'published',
    key: [FIELD.protocol, FIELD.address, FIELD.port],
    value: [FIELD.address, FIELD.port],
  },
  publishedAny: {
    name: 'published_any',
    key: [FIELD.protocol, FIELD.port],
    value: [FIELD.address, FIELD.port],
  },
  bridges: { name: 'bridges', key: [FIELD.linkName] },
  connected: { name: 'connected', key: [FIELD.linkName, FIELD.linkName] },
  internal: { name: 'internal', key: [FIELD.linkName] },
  subnets: { name: 'subnets', key: [FIELD.address], interval: true },
  masqueraded: { name: 'masqueraded', key: [FIELD.address], interval: true },
} as const satisfies Record<string, SetDefinition>;

/** linux/netfilter_ipv4.h: NF_IP_PRI_* */
const PRIORITY = { raw: -300, destinationNat: -100, filter: 0, sourceNat: 100 } as const;
/** netinet/in.h */
const PROTOCOL = { tcp: 6, udp: 17, sctp: 132 } as const;

/** The whole table as requests of one transaction, in place of what was there. */
export function tableRequests(table: string, { networks, redirections, noRouter }: FirewallRules): Buffer[] {
  return [
    addTable(table),
    deleteTable(table),
    addTable(table),
    ...Object.values(sets).map((set) => addSet(table, set)),
    ...networkElements(table, networks),
    ...redirectionElements(redirections).flatMap(({ set, elements }) => addElements(table, set, elements)),
    ...guardChain(table),
    ...redirectingChain(table, 'prerouting'),
    ...redirectingChain(table, 'output'),
    ...postroutingChain(table),
    ...forwardChain(table),
    ...(noRouter ? noRouterRules(table) : []),
  ];
}

function networkElements(table: string, networks: readonly FilteredNetwork[]): Buffer[] {
  const names = (chosen: readonly FilteredNetwork[]) =>
    chosen.map(({ linkName }) => ({ key: nameBytes(linkName) }));
  const pairs = networks
    .filter(({ connected }) => connected)
    .map(({ linkName }) => ({
      key: Buffer.concat([nameBytes(linkName), nameBytes(linkName)]),
    }));
  return [
    ...addElements(table, sets.bridges.name, names(networks)),
    ...addElements(table, sets.connected.name, pairs),
    ...addElements(table, sets.internal.name, names(networks.filter(({ internal }) => internal))),
    ...addElements(table, sets.subnets.name, networks.flatMap(rangeElements)),
    ...addElements(
      table,
      sets.masqueraded.name,
      networks.filter((network) => network.masquerade && !network.internal).flatMap(rangeElements),
    ),
  ];
}

/** Which elements of which map stand for these ports. */
export function redirectionElements(
  redirections: readonly Redirection[],
): { readonly set: string; readonly elements: readonly SetElement[] }[] {
  const some = redirections.filter(({ hostAddress }) => hostAddress !== 0);
  const any = redirections.filter(({ hostAddress }) => hostAddress === 0);
  return [
    { set: sets.published.name, elements: some.map(redirectionElement) },
    { set: sets.publishedAny.name, elements: any.map(redirectionElement) },
  ].filter(({ elements }) => elements.length > 0);
}

function redirectionElement({ protocol, hostAddress, hostPort, address, port }: Redirection): SetElement {
  const host = hostAddress === 0 ? [] : [addressBytes(hostAddress)];
  return {
    key: Buffer.concat([Buffer.of(PROTOCOL[protocol], 0, 0, 0), ...host, portBytes(hostPort)]),
    value: Buffer.concat([addressBytes(address), portBytes(port)]),
  };
}

function rangeElements({ subnet }: FilteredNetwork): SetElement[] {
  const after = lastOf(subnet) + 1;
  const start = { key: addressBytes(networkOf(subnet).address) };
  return after > 0xffffffff ? [start] : [start, { key: addressBytes(after), end: true }];
}

function addressBytes(address: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(address);
  return bytes;
}

const portBytes = (port: number): Buffer => Buffer.of(port >> 8, port & 0xff, 0, 0);

function nameBytes(name: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.write(name);
  return bytes;
}

function guardChain(table: string): Buffer[] {
  const chain = { name: 'guard', type: 'filter', hook: 'prerouting', priority: PRIORITY.raw } as const;
  const notLoopback = [loadMeta('inputName'), compare(nameBytes('lo'), { not: true })];
  return [
    addChain(table, chain),
    addRule(table, chain.name, ...notLoopback, ...startsWith('destination', 127), drop()),
  ];
}

function redirectingChain(table: string, hook: 'prerouting' | 'output'): Buffer[] {
  const chain = { name: hook, type: 'nat', hook, priority: PRIORITY.destinationNat } as const;
  const byAddress = [loadMeta('protocol', 0), loadField('destination', 1), loadField('destinationPort', 2)];
  const byPort = [loadMeta('protocol', 0), loadField('destinationPort', 1)];
  const there = redirect({ address: 4, port: 5 });
  return [
    addChain(table, chain),
    addRule(table, hook, ...toThisHost(), ...byAddress, lookUp(sets.published.name, 4), there),
    addRule(table, hook, ...toThisHost(), ...byPort, lookUp(sets.publishedAny.name, 4), there),
  ];
}

const toBridge = (options?: { readonly not: boolean }): Buffer[] => [
  loadMeta('outputName'),
  inSet(sets.bridges.name, options),
];

function postroutingChain(table: string): Buffer[] {
  const chain = {
    name: 'postrouting',
    type: 'nat',
    hook: 'postrouting',
    priority: PRIORITY.sourceNat,
  } as const;
  const from = (set: string) => [loadField('source'), inSet(set)];
  const rule = (...expressions: readonly Uint8Array[]) =>
    addRule(table, chain.name, ...expressions, masquerade());
  return [
    addChain(table, chain),
    rule(...startsWith('source', 127), ...toBridge()),
    // The host to an address of its own is no container: of what it is sent by UDP it answers to the address that it sees.
    rule(...from(sets.masqueraded.name), ...toBridge({ not: true }), compare(nameBytes('lo'), { not: true })),
    rule(...redirected(), ...from(sets.subnets.name), ...toBridge()),
  ];
}

function forwardChain(table: string): Buffer[] {
  const chain = { name: 'forward', type: 'filter', hook: 'forward', priority: PRIORITY.filter } as const;
  const rule = (...expressions: readonly Uint8Array[]) => addRule(table, chain.name, ...expressions);
  const bothNames = [loadMeta('inputName', 0), loadMeta('outputName', 4)];
  return [
    addChain(table, chain),
    rule(...toBridge(), ...established(), accept()),
    rule(...bothNames, inSet(sets.connected.name), accept()),
    rule(loadMeta('inputName'), inSet(sets.internal.name), drop()),
    rule(loadMeta('outputName'), inSet(sets.internal.name), drop()),
    rule(...toBridge(), ...redirected(), accept()),
    rule(...toBridge(), drop()),
  ];
}

/** Links that somebody made in order to forward packets. */
const forwardingKinds = ['bridge', 'veth', 'tun', 'wireguard'];

/** Hardware has no kind, so that the rules about kinds say nothing of it. */
function noRouterRules(table: string): Buffer[] {
  const kinds = (['inputKind', 'outputKind'] as const).flatMap((side) =>
    forwardingKinds.map((kind) => [loadMeta(side), compare(nameBytes(kind)), accept()]),
  );
  const fromBridge = [loadMeta('inputName'), inSet(sets.bridges.name), accept()];
  return [fromBridge, ...kinds, [drop()]].map((rule) => addRule(table, 'forward', ...rule));
}
