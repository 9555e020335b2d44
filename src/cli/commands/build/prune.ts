import { pruneBuildCache } from '#client/system/prune-build-cache.ts';
import { command as define, exactly } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool, type Flag, value } from '../../flags.ts';
import { humanSize, parseBytes } from '../../format/human.ts';

const bytes = (usage: string, extra: { deprecated?: string } = {}): Flag<number> =>
  value('bytes', usage, { initial: 0, ...extra, read: parseBytes });

export const command = define({
  usage: 'build prune [OPTIONS]',
  about: 'Remove build cache',
  aliases: ['builder prune', 'build prune'],
  flags: {
    all: bool('Remove all unused build cache, not just dangling ones', { short: 'a' }),
    filter: filterFlag('Provide filter values (e.g. "until=24h")'),
    force: bool('Do not prompt for confirmation', { short: 'f' }),
    'keep-storage': bytes('Amount of disk space to keep for cache', {
      deprecated: 'use --reserved-space instead',
    }),
    'max-used-space': bytes('Maximum amount of disk space allowed to keep for cache'),
    'min-free-space': bytes('Target amount of free disk space after pruning'),
    'reserved-space': bytes('Amount of disk space always allowed to keep for cache'),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    if (!flags.force) {
      const what = flags.all ? 'all build cache' : 'all dangling build cache';
      await confirm(cli, `WARNING! This will remove ${what}.`);
    }
    const { CachesDeleted, SpaceReclaimed } = await pruneBuildCache(cli.daemon, {
      all: flags.all,
      filters: flags.filter,
      reservedSpace: flags['reserved-space'] || flags['keep-storage'] || undefined,
      maxUsedSpace: flags['max-used-space'] || undefined,
      minFreeSpace: flags['min-free-space'] || undefined,
    });
    const deleted = CachesDeleted ?? [];
    if (deleted.length > 0)
      await cli.out(`Deleted build cache objects:\n${deleted.map((id) => `${id}\n`).join('')}\n`);
    await cli.out(`Total reclaimed space: ${humanSize(SpaceReclaimed)}\n`);
  },
});
