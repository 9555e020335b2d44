import { disconnectNetwork } from '#client/network/disconnect.ts';
import { command as define, exactly } from '../../command.ts';
import { bool } from '../../flags.ts';

export const command = define({
  usage: 'network disconnect [OPTIONS] NETWORK CONTAINER',
  about: 'Disconnect a container from a network',
  flags: { force: bool('Force the container to disconnect from a network', { short: 'f' }) },
  args: exactly(2),
  run: (cli, { flags, args: [network = '', Container = ''] }) =>
    disconnectNetwork(cli.daemon, network, { Container, Force: flags.force }),
});
