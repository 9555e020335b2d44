import { connectNetwork } from '#client/network/connect.ts';
import { command as define, exactly } from '../../command.ts';
import { link } from '../../container-spec/checks.ts';
import { keyValues } from '../../container-spec/env.ts';
import { int, list, strings, text } from '../../flags.ts';

export const command = define({
  usage: 'network connect [OPTIONS] NETWORK CONTAINER',
  about: 'Connect a container to a network',
  flags: {
    alias: strings('Add network-scoped alias for the container'),
    'driver-opt': strings('driver options for the network'),
    'gw-priority': int(
      'Highest gw-priority provides the default gateway. Accepts positive and negative values.',
    ),
    ip: text('IPv4 address (e.g., "172.30.100.104")'),
    ip6: text('IPv6 address (e.g., "2001:db8::33")'),
    link: list('Add link to another container', { check: link }),
    'link-local-ip': strings('Add a link-local address for the container'),
  },
  args: exactly(2),
  run: async (cli, { flags, args: [network = '', Container = ''] }) => {
    const local = flags['link-local-ip'];
    await connectNetwork(cli.daemon, network, {
      Container,
      EndpointConfig: {
        IPAMConfig: {
          IPv4Address: flags.ip,
          IPv6Address: flags.ip6,
          ...(local.length > 0 && { LinkLocalIPs: local }),
        },
        ...(flags.link.length > 0 && { Links: flags.link }),
        ...(flags.alias.length > 0 && { Aliases: flags.alias }),
        ...(flags['driver-opt'].length > 0 && { DriverOpts: keyValues(flags['driver-opt']) }),
        GwPriority: flags['gw-priority'],
      },
    });
  },
});
