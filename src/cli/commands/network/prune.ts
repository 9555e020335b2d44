import { pruneNetworks } from '#client/network/prune.ts';
import { command as define, exactly } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool } from '../../flags.ts';

export const command = define({
  usage: 'network prune [OPTIONS]',
  about: 'Remove all unused networks',
  flags: {
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")'),
    force: bool('Do not prompt for confirmation', { short: 'f' }),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    if (!flags.force)
      await confirm(cli, 'WARNING! This will remove all custom networks not used by at least one container.');
    const { NetworksDeleted } = await pruneNetworks(cli.daemon, flags.filter);
    const deleted = NetworksDeleted ?? [];
    if (deleted.length > 0)
      await cli.out(`Deleted Networks:\n${deleted.map((name) => `${name}\n`).join('')}\n`);
  },
});
