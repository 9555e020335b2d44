import { listBuilds } from '#client/build/history.ts';
import { newestFirst } from '../../build/history/find-build.ts';
import { buildHeaders, buildRow } from '../../build/history/rows.ts';
import { command as define, exactly } from '../../command.ts';
import { bool, int, text } from '../../flags.ts';
import { listingText, tableWidth } from '../../format/listing.ts';

export const command = define({
  usage: 'build history ls [OPTIONS]',
  about: 'List builds',
  details: `List builds

Other commands on builds that were, which take an ID, its beginning, or ^1 for the one before the last:
  build history inspect  Steps, times, sizes, why they were not cached
  build history logs     What a build told
  build history rm       Forget builds`,
  flags: {
    format: text('Format the output', { initial: 'table' }),
    last: int('Show only the last so many builds', { short: 'n' }),
    'no-trunc': bool("Don't truncate output"),
    quiet: bool('Only show IDs', { short: 'q' }),
  },
  args: exactly(0),
  run: async (cli, { flags }) => {
    const builds = newestFirst(await listBuilds(cli.daemon)).slice(
      0,
      flags.last > 0 ? flags.last : undefined,
    );
    if (flags.quiet) return cli.out(builds.map(({ id }) => `${id}\n`).join(''));
    const full = flags['no-trunc'] || flags.format === 'json';
    const now = Date.now();
    await cli.out(
      await listingText({
        format: flags.format,
        columns: Object.keys(buildHeaders),
        headers: buildHeaders,
        rows: builds.map((build) => buildRow(build, { now, full })),
        goType: 'BuildSummary',
        width: tableWidth(flags),
      }),
    );
  },
});
