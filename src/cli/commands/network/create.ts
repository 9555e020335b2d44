import type { IPAM, IPAMConfig } from '#api/index.ts';
import { createNetwork } from '#client/network/create.ts';
import { command as define, exactly, Failure } from '../../command.ts';
import { keyValues } from '../../container-spec/env.ts';
import { bool, type FlagSet, list, strings, text, type Values } from '../../flags.ts';
import { contains } from '../../format/subnets.ts';

const flags = {
  attachable: bool('Enable manual container attachment'),
  'aux-address': list('Auxiliary IPv4 or IPv6 addresses used by Network driver', {
    type: 'map',
    shows: 'map[]',
  }),
  'config-from': text('The network from which to copy the configuration'),
  'config-only': bool('Create a configuration only network'),
  driver: text('Driver to manage the Network', { short: 'd', initial: 'bridge' }),
  gateway: strings('IPv4 or IPv6 Gateway for the master subnet'),
  ingress: bool('Create swarm routing-mesh network'),
  internal: bool('Restrict external access to the network'),
  'ip-range': strings('Allocate container ip from a sub-range'),
  'ipam-driver': text('IP Address Management Driver', { initial: 'default' }),
  'ipam-opt': list('Set IPAM driver specific options', { type: 'map', shows: 'map[]' }),
  ipv4: bool('Enable or disable IPv4 address assignment', { initial: true }),
  ipv6: bool('Enable or disable IPv6 address assignment'),
  label: list('Set metadata on a network'),
  opt: list('Set driver specific options', { short: 'o', type: 'map', shows: 'map[]' }),
  scope: text("Control the network's scope"),
  subnet: strings('Subnet in CIDR format that represents a network segment'),
} satisfies FlagSet;

export const command = define({
  usage: 'network create [OPTIONS] NETWORK',
  about: 'Create a network',
  flags,
  args: exactly(1),
  run: async (cli, { flags, given, args: [Name = ''] }) => {
    const { Id, Warning } = await createNetwork(cli.daemon, {
      Name,
      CheckDuplicate: true,
      Driver: flags.driver,
      Options: keyValues(flags.opt),
      IPAM: ipamOf(flags),
      Internal: flags.internal,
      Ingress: flags.ingress,
      Attachable: flags.attachable,
      ConfigOnly: flags['config-only'],
      Scope: flags.scope,
      ...(flags['config-from'] && { ConfigFrom: { Network: flags['config-from'] } }),
      ...(given.has('ipv4') && { EnableIPv4: flags.ipv4 }),
      ...(given.has('ipv6') && { EnableIPv6: flags.ipv6 }),
      Labels: keyValues(flags.label),
    });
    if (Warning) await cli.err(`WARNING: ${Warning}\n`);
    await cli.out(`${Id}\n`);
  },
});

function ipamOf(flags_: Values<typeof flags>): IPAM {
  const Options = keyValues(flags_['ipam-opt']);
  return { Driver: flags_['ipam-driver'], Options, Config: poolsOf(flags_) };
}

/** Each subnet with the range, gateway and auxiliary addresses that lie in it. */
function poolsOf({
  subnet,
  gateway,
  'ip-range': ranges,
  'aux-address': auxiliary,
}: Values<typeof flags>): IPAMConfig[] {
  if (subnet.length < ranges.length || subnet.length < gateway.length) {
    throw new Failure('every ip-range or gateway must have a corresponding subnet');
  }
  const pools = subnet.map((Subnet) => {
    const inside = (address: string) => contains(Subnet, address);
    const aux = Object.entries(keyValues(auxiliary)).filter(([, address]) => inside(address));
    const [range, second] = ranges.filter((each) => inside(each.split('/')[0]!));
    const [Gateway, third] = gateway.filter(inside);
    if (second !== undefined)
      throw new Failure(
        `cannot configure multiple ranges (${second}, ${range}) on the same subnet (${Subnet})`,
      );
    if (third !== undefined)
      throw new Failure(
        `cannot configure multiple gateways (${third}, ${Gateway}) for the same subnet (${Subnet})`,
      );
    return {
      Subnet,
      ...(range !== undefined && { IPRange: range }),
      ...(Gateway !== undefined && { Gateway }),
      ...(aux.length > 0 && { AuxiliaryAddresses: Object.fromEntries(aux) }),
    };
  });
  const stray = (what: string, addresses: readonly string[]) => {
    const lost = addresses.find((address) => !subnet.some((each) => contains(each, address.split('/')[0]!)));
    if (lost !== undefined) throw new Failure(`no matching subnet for ${what} ${lost}`);
  };
  stray('range', ranges);
  stray('gateway', gateway);
  stray('aux-address', Object.values(keyValues(auxiliary)));
  return pools;
}
