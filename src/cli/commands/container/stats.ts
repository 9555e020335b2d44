import type { ContainerStatsResponse } from '#api/index.ts';
import { listContainers } from '#client/container/list.ts';
import { containerStats } from '#client/container/stats.ts';
import { atLeast, type Cli, command as define } from '../../command.ts';
import { bool } from '../../flags.ts';
import { tableFormat } from '../../format/format-flags.ts';
import { listingText, type Row, tableWidth } from '../../format/listing.ts';
import { statsHeaders, statsRow } from '../../format/stats-row.ts';

export const command = define({
  usage: 'stats [OPTIONS] [CONTAINER...]',
  about: 'Display a live stream of container(s) resource usage statistics',
  aliases: ['container stats', 'stats'],
  flags: {
    all: bool('Show all containers (default shows just running)', { short: 'a' }),
    format: tableFormat(),
    'no-stream': bool('Disable streaming stats and only pull the first result'),
    'no-trunc': bool('Do not truncate output'),
  },
  args: atLeast(0),
  run: async (cli, { flags, args }) => {
    const format = flags.format || (cli.config.file.statsFormat ?? '');
    const show = (rows: readonly Row[]) =>
      listingText({
        format,
        columns,
        headers: statsHeaders,
        rows,
        goType: '*formatter.statsContext',
        width: tableWidth(flags),
      });
    const names = args.length > 0 ? args : await running(cli, flags.all);
    const options = { truncate: !flags['no-trunc'] };
    if (flags['no-stream']) {
      const rows = await Promise.all(
        names.map(async (name) => statsRow(name, await once(cli, name), options)),
      );
      return cli.out(await show(rows));
    }
    await watch(cli, {
      names,
      fixed: args.length > 0,
      all: flags.all,
      draw: async (latest) => show(rowsOf(latest, options)),
    });
  },
});

const columns = ['Container', 'Name', 'CPUPerc', 'MemUsage', 'MemPerc', 'NetIO', 'BlockIO', 'PIDs'];

type Latest = Map<string, ContainerStatsResponse | undefined>;

const rowsOf = (latest: Latest, options: { truncate: boolean }) =>
  Array.from(latest, ([name, stats]) => statsRow(name, stats, options));

async function running({ daemon }: Cli, all: boolean): Promise<string[]> {
  return (await listContainers(daemon, all ? { all } : {})).map(({ Id }) => Id);
}

async function once({ daemon }: Cli, name: string): Promise<ContainerStatsResponse | undefined> {
  for await (const stats of await containerStats(daemon, name, { stream: false })) return stats;
  return undefined;
}

interface Watch {
  readonly names: readonly string[];
  /** The containers were named: no others join. */
  readonly fixed: boolean;
  readonly all: boolean;
  readonly draw: (latest: Latest) => Promise<string>;
}

/** Draws the table anew twice a second, until interrupted or nothing named is left. */
async function watch(cli: Cli, { names, fixed, all, draw }: Watch): Promise<void> {
  const latest: Latest = new Map();
  const follow = (name: string) => {
    if (latest.has(name)) return;
    latest.set(name, undefined);
    void followOne(cli, name, latest).finally(() => latest.delete(name));
  };
  if (fixed) for (const name of names) await once(cli, name);
  names.forEach(follow);
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (latest.size === 0 && fixed) return;
    await cli.out(`\x1b[H\x1b[J${await draw(latest)}`);
    if (!fixed) for (const name of await running(cli, all)) follow(name);
  }
}

async function followOne({ daemon }: Cli, name: string, latest: Latest): Promise<void> {
  for await (const stats of await containerStats(daemon, name, { stream: true })) latest.set(name, stats);
}
