import type { BuildCache } from '#api/index.ts';
import { diskUsage } from '#client/system/disk-usage.ts';
import { cacheDetails, cacheHeaders, cacheRow } from '../../build/cache-text.ts';
import { command as define, exactly } from '../../command.ts';
import { bool, text } from '../../flags.ts';
import { humanSize } from '../../format/human.ts';
import { listingText, tableWidth } from '../../format/listing.ts';

export const command = define({
  usage: 'build du [OPTIONS]',
  about: 'Show what the build cache holds',
  aliases: ['builder du', 'build du'],
  flags: {
    format: text('Format the output', { initial: 'table' }),
    'no-trunc': bool("Don't truncate output"),
    verbose: bool('Show all of each record'),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    const { BuildCache: cache } = await diskUsage(cli.daemon, ['build-cache']);
    const records = largestFirst(cache ?? []);
    if (flags.verbose) await cli.out(records.map((each) => `${cacheDetails(each)}\n`).join(''));
    else {
      await cli.out(
        await listingText({
          format: flags.format,
          columns: Object.keys(cacheHeaders),
          headers: cacheHeaders,
          rows: records.map((each) => cacheRow(each, Date.now(), flags['no-trunc'])),
          goType: 'BuildCache',
          width: tableWidth(flags),
        }),
      );
    }
    if (flags.format === 'table') await cli.out(totals(records));
  },
});

const largestFirst = (records: readonly BuildCache[]) => [...records].sort((a, b) => b.Size - a.Size);

function totals(records: readonly BuildCache[]): string {
  const sum = (some: readonly BuildCache[]) => humanSize(some.reduce((total, { Size }) => total + Size, 0));
  const lines: [string, string][] = [
    ['Shared:', sum(records.filter(({ Shared }) => Shared))],
    ['Private:', sum(records.filter(({ Shared }) => !Shared))],
    ['Reclaimable:', sum(records.filter(({ InUse }) => !InUse))],
    ['Total:', sum(records)],
  ];
  return lines.map(([name, size]) => `${name.padEnd(14)}${size}\n`).join('');
}
