import { pruneImages } from '#client/image/prune.ts';
import { command as define, exactly } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool } from '../../flags.ts';
import { humanSize } from '../../format/human.ts';

export const command = define({
  usage: 'image prune [OPTIONS]',
  about: 'Remove unused images',
  flags: {
    all: bool('Remove all unused images, not just dangling ones', { short: 'a' }),
    filter: filterFlag('Provide filter values (e.g. "until=<timestamp>")'),
    force: bool('Do not prompt for confirmation', { short: 'f' }),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    const warning = flags.all
      ? 'WARNING! This will remove all images without at least one container associated to them.'
      : 'WARNING! This will remove all dangling images.';
    if (!flags.force) await confirm(cli, warning);
    const filters = { ...flags.filter, dangling: [String(!flags.all)] };
    const { ImagesDeleted, SpaceReclaimed } = await pruneImages(cli.daemon, filters);
    const lines = (ImagesDeleted ?? []).map(({ Untagged, Deleted }) =>
      Untagged ? `untagged: ${Untagged}\n` : `deleted: ${Deleted}\n`,
    );
    if (lines.length > 0) await cli.out(`Deleted Images:\n${lines.join('')}\n`);
    await cli.out(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
  },
});
