import { pruneContainers } from '#client/container/prune.ts';
import { command as define, exactly } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool } from '../../flags.ts';
import { humanSize } from '../../format/human.ts';

export const command = define({
  usage: 'container prune [OPTIONS]',
  about: 'Remove all stopped containers',
  flags: {
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")'),
    force: bool('Do not prompt for confirmation', { short: 'f' }),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    if (!flags.force) await confirm(cli, 'WARNING! This will remove all stopped containers.');
    const { ContainersDeleted, SpaceReclaimed } = await pruneContainers(cli.daemon, flags.filter);
    const deleted = ContainersDeleted ?? [];
    if (deleted.length > 0)
      await cli.out(`Deleted Containers:\n${deleted.map((id) => `${id}\n`).join('')}\n`);
    await cli.out(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
  },
});
