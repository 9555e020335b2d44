import type { Network } from '#api/index.ts';
import { listNetworks } from '#client/network/list.ts';
import { command as define, exactly } from '../../command.ts';
import { filterFlag } from '../../filter-flag.ts';
import { bool } from '../../flags.ts';
import { labelText } from '../../format/container-row.ts';
import { tableFormat } from '../../format/format-flags.ts';
import { shortId } from '../../format/human.ts';
import { listingText, type Row, tableWidth } from '../../format/listing.ts';

const headers = {
  ID: 'NETWORK ID',
  Name: 'NAME',
  Driver: 'DRIVER',
  Scope: 'SCOPE',
  IPv4: 'IPV4',
  IPv6: 'IPV6',
  Internal: 'INTERNAL',
  Labels: 'LABELS',
  CreatedAt: 'CREATED AT',
};

export const command = define({
  usage: 'network ls [OPTIONS]',
  about: 'List networks',
  aliases: ['network ls', 'network list'],
  flags: {
    filter: filterFlag('Provide filter values (e.g. "driver=bridge")', 'f'),
    format: tableFormat(),
    'no-trunc': bool('Do not truncate the output'),
    quiet: bool('Only display network IDs', { short: 'q' }),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    const { quiet } = flags;
    const format = flags.format || (quiet ? '' : (cli.config.file.networksFormat ?? ''));
    const networks = await listNetworks(cli.daemon, flags.filter);
    const sorted = [...networks].sort((a, b) => a.Name.localeCompare(b.Name, 'en', { numeric: true }));
    const rows = sorted.map((network) => row(network, !flags['no-trunc']));
    if (quiet && format === '') return cli.out(rows.map((each) => `${each['ID']}\n`).join(''));
    const columns = ['ID', 'Name', 'Driver', 'Scope'];
    await cli.out(
      await listingText({
        format,
        columns,
        headers,
        rows,
        goType: '*formatter.networkContext',
        width: tableWidth(flags),
      }),
    );
  },
});

function row(network: Network, truncate: boolean): Row {
  return {
    ID: truncate ? shortId(network.Id) : network.Id,
    Name: network.Name,
    Driver: network.Driver,
    Scope: network.Scope,
    IPv4: String(network.EnableIPv4 ?? false),
    IPv6: String(network.EnableIPv6),
    Internal: String(network.Internal),
    Labels: labelText(network.Labels),
    Label: (name: unknown) => network.Labels?.[String(name)] ?? '',
    CreatedAt: network.Created.replace('T', ' ').replace(/Z$/, ' +0000 UTC'),
  };
}
