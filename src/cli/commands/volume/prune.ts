import { pruneVolumes } from '#client/volume/prune.ts';
import { command as define, exactly } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool } from '../../flags.ts';
import { humanSize } from '../../format/human.ts';

export const command = define({
  usage: 'volume prune [OPTIONS]',
  about: 'Remove unused local volumes',
  flags: {
    all: bool('Remove all unused volumes, not just anonymous ones', { short: 'a' }),
    filter: filterFlag('Provide filter values (e.g. "label=<label>")'),
    force: bool('Do not prompt for confirmation', { short: 'f' }),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    const filters = flags.all ? { ...flags.filter, all: ['true'] } : flags.filter;
    const warning = flags.all
      ? 'WARNING! This will remove all local volumes not used by at least one container.'
      : 'WARNING! This will remove anonymous local volumes not used by at least one container.';
    if (!flags.force) await confirm(cli, warning);
    const { VolumesDeleted, SpaceReclaimed } = await pruneVolumes(cli.daemon, filters);
    const deleted = VolumesDeleted ?? [];
    if (deleted.length > 0)
      await cli.out(`Deleted Volumes:\n${deleted.map((name) => `${name}\n`).join('')}\n`);
    await cli.out(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
  },
});
