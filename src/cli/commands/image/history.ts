import type { HistoryResponseItem } from '#api/index.ts';
import { imageHistory } from '#client/image/history.ts';
import { command as define, exactly } from '../../command.ts';
import { bool, text } from '../../flags.ts';
import { tableFormat } from '../../format/format-flags.ts';
import { ellipsis, humanDuration, humanSize, shortId } from '../../format/human.ts';
import { listingText, type Row, tableWidth } from '../../format/listing.ts';

const headers = {
  ID: 'IMAGE',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  CreatedBy: 'CREATED BY',
  Size: 'SIZE',
  Comment: 'COMMENT',
};

export const command = define({
  usage: 'history [OPTIONS] IMAGE',
  about: 'Show the history of an image',
  aliases: ['image history', 'history'],
  flags: {
    format: tableFormat(),
    human: bool('Print sizes and dates in human readable format', { short: 'H', initial: true }),
    'no-trunc': bool("Don't truncate output"),
    platform: text(
      'Show history for the given platform. Formatted as "os[/arch[/variant]]" (e.g., "linux/amd64")',
    ),
    quiet: bool('Only show image IDs', { short: 'q' }),
  },
  args: exactly(1),
  run: async (cli, { flags, args: [name = ''] }) => {
    const { format, human, platform, quiet } = flags;
    const steps = await imageHistory(cli.daemon, name, platform ? { platform } : {});
    const rows = steps.map((step) => row(step, { human, truncate: !flags['no-trunc'] }));
    if (quiet && format === '') return cli.out(rows.map((each) => `${each['ID']}\n`).join(''));
    const columns = ['ID', human ? 'CreatedSince' : 'CreatedAt', 'CreatedBy', 'Size', 'Comment'];
    await cli.out(
      await listingText({
        format,
        columns,
        headers,
        rows,
        goType: '*formatter.historyContext',
        width: tableWidth(flags),
      }),
    );
  },
});

function row(step: HistoryResponseItem, { human, truncate }: { human: boolean; truncate: boolean }): Row {
  const command = step.CreatedBy.replaceAll('\t', ' ');
  return {
    ID: truncate ? shortId(step.Id) : step.Id,
    get CreatedAt() {
      return step.Created <= 0 ? 'N/A' : rfc3339(step.Created);
    },
    get CreatedSince() {
      if (!human) return rfc3339(step.Created);
      return step.Created <= 0 ? 'N/A' : `${humanDuration(Date.now() - step.Created * 1000)} ago`;
    },
    CreatedBy: truncate ? ellipsis(command, 45) : command,
    Size: human ? humanSize(step.Size, 3) : String(step.Size),
    Comment: step.Comment,
  };
}

/** A local time with its offset: `2026-11-24T06:39:21Z`. */
function rfc3339(seconds: number): string {
  const date = new Date(seconds * 1000);
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const two = (n: number) => String(Math.trunc(n)).padStart(2, '0');
  return (
    local +
    (offset === 0
      ? 'Z'
      : `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`)
  );
}
