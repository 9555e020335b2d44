import { inspectContainer } from '#client/container/inspect.ts';
import { containerLogs } from '#client/container/logs.ts';
import { command as define, exactly, Failure } from '../../command.ts';
import { bool, text } from '../../flags.ts';
import { queryTime } from '../../format/times.ts';
import { printOutput } from '../../session/session.ts';

export const command = define({
  usage: 'logs [OPTIONS] CONTAINER',
  about: 'Fetch the logs of a container',
  aliases: ['container logs', 'logs'],
  flags: {
    details: bool('Show extra details provided to logs'),
    follow: bool('Follow log output', { short: 'f' }),
    since: text(
      'Show logs since timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
    tail: text('Number of lines to show from the end of the logs', { short: 'n', initial: 'all' }),
    timestamps: bool('Show timestamps', { short: 't' }),
    until: text(
      'Show logs before a timestamp (e.g. "2013-01-02T13:23:37Z") or relative (e.g. "42m" for 42 minutes)',
    ),
  },
  args: exactly(1),
  run: async (cli, { flags, args: [id = ''] }) => {
    const { Id, Config } = await inspectContainer(cli.daemon, id);
    const { details, follow, timestamps, tail } = flags;
    const output = await containerLogs(cli.daemon, Id, {
      tty: Config.Tty ?? false,
      stdout: true,
      stderr: true,
      tail,
      ...(details && { details }),
      ...(follow && { follow }),
      ...(timestamps && { timestamps }),
      ...(flags.since && { since: timeOf('since', flags.since) }),
      ...(flags.until && { until: timeOf('until', flags.until) }),
    });
    await printOutput(cli, output);
  },
});

function timeOf(flag: string, text: string): string {
  try {
    return queryTime(text);
  } catch (error) {
    throw new Failure(`invalid value for "${flag}": ${(error as Error).message}`);
  }
}
