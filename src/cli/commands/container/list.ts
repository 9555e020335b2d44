import { listContainers } from '#client/container/list.ts';
import { command as define, exactly } from '../../command.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool, int } from '../../flags.ts';
import { containerHeaders, containerRow, emptyContainerRow } from '../../format/container-row.ts';
import { tableFormat } from '../../format/format-flags.ts';
import { checkTemplate, listingText, tableWidth } from '../../format/listing.ts';

const goType = '*formatter.ContainerContext';

const raw = `container_id: {{.ID}}
image: {{.Image}}
command: {{.Command}}
created_at: {{.CreatedAt}}
state: {{- pad .State 1 0}}
status: {{- pad .Status 1 0}}
names: {{.Names}}
labels: {{- pad .Labels 1 0}}
ports: {{- pad .Ports 1 0}}
`;

export const command = define({
  usage: 'ps [OPTIONS]',
  about: 'List containers',
  aliases: ['container ls', 'container list', 'container ps', 'ps'],
  flags: {
    all: bool('Show all containers (default shows just running)', { short: 'a' }),
    filter: filterFlag('Filter output based on conditions provided', 'f'),
    format: tableFormat(),
    last: int('Show n last created containers (includes all states)', { short: 'n', initial: -1 }),
    latest: bool('Show the latest created container (includes all states)', { short: 'l' }),
    'no-trunc': bool("Don't truncate output"),
    quiet: bool('Only display container IDs', { short: 'q' }),
    size: bool('Display total file sizes', { short: 's' }),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    const { all, filter: filters, quiet } = flags;
    const format = flags.format || (quiet ? '' : (cli.config.file.psFormat ?? ''));
    if (format.includes('{{')) await checkTemplate(format, emptyContainerRow(), goType);
    const limit = flags.latest && flags.last === -1 ? 1 : flags.last;
    // a template that shows the size must ask for it: whole rows as JSON do
    const size = flags.size || /\.Size\b|\bjson \.[ }]/.test(format);
    const containers = await listContainers(cli.daemon, {
      filters,
      ...(all && { all }),
      ...(limit > 0 && { limit }),
      ...(size && { size }),
    });
    const rows = containers.map((container) => containerRow(container, { truncate: !flags['no-trunc'] }));
    if (quiet && format === '') return cli.out(rows.map((row) => `${row['ID']}\n`).join(''));
    const columns = ['ID', 'Image', 'Command', 'RunningFor', 'Status', 'Ports', 'Names'];
    await cli.out(
      await listingText({
        format,
        columns: flags.size ? [...columns, 'Size'] : columns,
        headers: containerHeaders,
        rows,
        goType,
        width: tableWidth(flags),
        raw,
      }),
    );
  },
});
