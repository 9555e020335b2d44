import type { Volume } from '#api/index.ts';
import { listVolumes } from '#client/volume/list.ts';
import { command as define, exactly } from '../../command.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool } from '../../flags.ts';
import { labelText } from '../../format/container-row.ts';
import { tableFormat } from '../../format/format-flags.ts';
import { humanSize } from '../../format/human.ts';
import { listingText, type Row } from '../../format/listing.ts';

export const volumeHeaders = {
  Name: 'VOLUME NAME',
  Driver: 'DRIVER',
  Scope: 'SCOPE',
  Mountpoint: 'MOUNTPOINT',
  Labels: 'LABELS',
  Links: 'LINKS',
  Size: 'SIZE',
  Group: 'GROUP',
  Availability: 'AVAILABILITY',
  Status: 'STATUS',
};

export const command = define({
  usage: 'volume ls [OPTIONS]',
  about: 'List volumes',
  aliases: ['volume ls', 'volume list'],
  flags: {
    cluster: bool('Display only cluster volumes, and use cluster volume list formatting'),
    filter: filterFlag('Provide filter values (e.g. "dangling=true")', 'f'),
    format: tableFormat(),
    quiet: bool('Only display volume names', { short: 'q' }),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    const { quiet } = flags;
    const format = flags.format || (quiet ? '' : (cli.config.file.volumesFormat ?? ''));
    const { Volumes } = await listVolumes(cli.daemon, flags.filter);
    const sorted = [...(Volumes ?? [])].sort((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true }));
    const rows = sorted.map(volumeRow);
    if (quiet && format === '') return cli.out(rows.map((row) => `${row['Name']}\n`).join(''));
    const columns = ['Driver', 'Name'];
    await cli.out(
      await listingText({
        format,
        columns,
        headers: volumeHeaders,
        rows,
        goType: '*formatter.volumeContext',
      }),
    );
  },
});

/** What lists show of a volume. */
export function volumeRow(volume: Volume): Row {
  const { UsageData: usage } = volume;
  return {
    Name: volume.Name,
    Driver: volume.Driver,
    Scope: volume.Scope,
    Mountpoint: volume.Mountpoint,
    Labels: labelText(volume.Labels),
    Label: (name: unknown) => volume.Labels?.[String(name)] ?? '',
    Links: usage === undefined || usage === null ? 'N/A' : String(usage.RefCount),
    Size: usage === undefined || usage === null || usage.Size < 0 ? 'N/A' : humanSize(usage.Size),
    Group: 'N/A',
    Availability: 'N/A',
    Status: 'N/A',
  };
}
