import type { ContainerSummary, ImageSummary, SystemDataUsageResponse, Volume } from '#api/index.ts';
import { diskUsage } from '#client/system/disk-usage.ts';
import { command as define, exactly, Failure } from '../../command.ts';
import { bool } from '../../flags.ts';
import { tableFormat } from '../../format/format-flags.ts';
import { humanSize } from '../../format/human.ts';
import { listingText, type Row } from '../../format/listing.ts';

export const command = define({
  usage: 'system df [OPTIONS]',
  about: 'Show hoist disk usage',
  flags: {
    format: tableFormat(),
    verbose: bool('Show detailed information on space usage', { short: 'v' }),
  },
  args: exactly(0),
  run: async (cli, { flags: { format, verbose } }) => {
    if (verbose && format !== '' && format !== 'json') {
      throw new Failure('the verbose and the format options conflict');
    }
    const usage = await diskUsage(cli.daemon);
    if (verbose) {
      const { usageDetails } = await import('../../format/usage-details.ts');
      return cli.out(await usageDetails(usage));
    }
    const headers = {
      Type: 'TYPE',
      TotalCount: 'TOTAL',
      Active: 'ACTIVE',
      Size: 'SIZE',
      Reclaimable: 'RECLAIMABLE',
    };
    const columns = ['Type', 'TotalCount', 'Active', 'Size', 'Reclaimable'];
    const rows = usageRows(usage);
    await cli.out(
      await listingText({ format, columns, headers, rows, goType: '*formatter.diskUsageContext' }),
    );
  },
});

function usageRows({ LayersSize, Images, Containers, Volumes, BuildCache }: SystemDataUsageResponse): Row[] {
  const cache = BuildCache ?? [];
  const unused = cache.filter((each) => !each.InUse && !each.Shared).map(({ Size }) => Size);
  return [
    imagesRow(Images ?? [], LayersSize),
    containersRow(Containers ?? []),
    volumesRow(Volumes ?? []),
    {
      Type: 'Build Cache',
      TotalCount: String(cache.length),
      Active: String(cache.filter((each) => each.InUse).length),
      Size: humanSize(sum(cache.filter((each) => !each.Shared).map(({ Size }) => Size))),
      Reclaimable: humanSize(sum(unused)),
    },
  ];
}

function imagesRow(images: readonly ImageSummary[], layers: number): Row {
  const active = images.filter((image) => image.Containers > 0);
  const used = sum(
    active.map((image) => (image.Size === -1 || image.SharedSize === -1 ? 0 : image.Size - image.SharedSize)),
  );
  return {
    Type: 'Images',
    TotalCount: String(images.length),
    Active: String(active.length),
    Size: humanSize(layers),
    Reclaimable: share(layers - used, layers),
  };
}

function containersRow(containers: readonly ContainerSummary[]): Row {
  const isActive = ({ State }: ContainerSummary) => /running|paused|restarting/.test(State);
  const size = sum(containers.map(({ SizeRw = 0 }) => SizeRw));
  const idle = sum(containers.filter((each) => !isActive(each)).map(({ SizeRw = 0 }) => SizeRw));
  return {
    Type: 'Containers',
    TotalCount: String(containers.length),
    Active: String(containers.filter(isActive).length),
    Size: humanSize(size),
    Reclaimable: share(idle, size),
  };
}

function volumesRow(volumes: readonly Volume[]): Row {
  const known = volumes.filter((volume) => (volume.UsageData?.Size ?? -1) >= 0);
  const size = sum(known.map((volume) => volume.UsageData!.Size));
  const idle = sum(
    known.filter((volume) => volume.UsageData!.RefCount === 0).map((volume) => volume.UsageData!.Size),
  );
  return {
    Type: 'Local Volumes',
    TotalCount: String(volumes.length),
    Active: String(volumes.filter((volume) => (volume.UsageData?.RefCount ?? 0) > 0).length),
    Size: humanSize(size),
    Reclaimable: share(idle, size),
  };
}

/** A size and how much of the whole it is. */
function share(part: number, whole: number): string {
  return whole > 0 ? `${humanSize(part)} (${Math.trunc((part * 100) / whole)}%)` : humanSize(part);
}

const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
