import { pruneContainers } from '#client/container/prune.ts';
import { pruneImages } from '#client/image/prune.ts';
import { pruneNetworks } from '#client/network/prune.ts';
import { pruneBuildCache } from '#client/system/prune-build-cache.ts';
import { pruneVolumes } from '#client/volume/prune.ts';
import { type Cli, command as define, exactly, Failure, isDaemonError } from '../../command.ts';
import { confirm } from '../../confirm.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool, type FlagSet, type Values } from '../../flags.ts';
import { humanSize } from '../../format/human.ts';

const flags = {
  all: bool('Remove all unused images not just dangling ones', { short: 'a' }),
  filter: filterFlag('Provide filter values (e.g. "label=<key>=<value>")'),
  force: bool('Do not prompt for confirmation', { short: 'f' }),
  volumes: bool('Prune anonymous volumes'),
} satisfies FlagSet;

export const command = define({
  usage: 'system prune [OPTIONS]',
  about: 'Remove unused data',
  flags,
  args: exactly(0),
  run: async (cli, { flags }) => {
    if (flags.volumes && flags.filter['until'] !== undefined) {
      throw new Failure('ERROR: The "until" filter is not supported with "--volumes"');
    }
    if (!flags.force) await confirm(cli, warning(flags));
    let total = 0;
    const report = async (title: string, lines: readonly string[], reclaimed: number) => {
      total += reclaimed;
      if (lines.length > 0) await cli.out(`${title}:\n${lines.map((line) => `${line}\n`).join('')}\n`);
    };
    await pruneAll(cli, flags, report);
    await cli.out(`Total reclaimed space: ${humanSize(total)}\n`);
  },
});

type Report = (title: string, lines: readonly string[], reclaimed: number) => Promise<void>;

async function pruneAll(
  { daemon }: Cli,
  { all, filter, volumes }: Values<typeof flags>,
  report: Report,
): Promise<void> {
  const containers = await pruneContainers(daemon, filter);
  await report('Deleted Containers', containers.ContainersDeleted ?? [], containers.SpaceReclaimed);
  const { NetworksDeleted } = await pruneNetworks(daemon, filter);
  await report('Deleted Networks', NetworksDeleted ?? [], 0);
  if (volumes) {
    const { VolumesDeleted, SpaceReclaimed } = await pruneVolumes(daemon, filter);
    await report('Deleted Volumes', VolumesDeleted ?? [], SpaceReclaimed);
  }
  const images = await pruneImages(daemon, { ...filter, dangling: [String(!all)] });
  const lines = (images.ImagesDeleted ?? []).map((each) =>
    each.Untagged ? `untagged: ${each.Untagged}` : `deleted: ${each.Deleted}`,
  );
  await report('Deleted Images', lines, images.SpaceReclaimed);
  const cache = await pruneBuildCache(daemon, { all, filters: filter }).catch((error: unknown) => {
    // a daemon that builds nothing has no cache
    if (isDaemonError(error) && error.status === 501) return { CachesDeleted: [], SpaceReclaimed: 0 };
    throw error;
  });
  await report('Deleted build cache objects', cache.CachesDeleted ?? [], cache.SpaceReclaimed);
}

function warning({ all, volumes, filter }: Values<typeof flags>): string {
  const items = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes ? ['all anonymous volumes not used by at least one container'] : []),
    all ? 'all images without at least one container associated to them' : 'all dangling images',
    all ? 'all build cache' : 'unused build cache',
  ];
  const filters = Object.entries(filter).flatMap(([name, values]) =>
    values.map((value) => `${name}=${value}`),
  );
  const note =
    filters.length === 0
      ? ''
      : `\n  Items to be pruned will be filtered with:\n${filters
          .sort()
          .map((each) => `  - ${each}\n`)
          .join('')}`;
  return `WARNING! This will remove:\n${items.map((item) => `  - ${item}\n`).join('')}${note}`;
}
