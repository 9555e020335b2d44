import type { EventMessage } from '#api/index.ts';
import { events } from '#client/system/events.ts';
import { command as define, exactly } from '../../command.ts';
import { filterFlag } from '../../filter-flag.ts';
import { text } from '../../flags.ts';
import { jsonFormat } from '../../format/format-flags.ts';
import { queryTime } from '../../format/times.ts';

export const command = define({
  usage: 'events [OPTIONS]',
  about: 'Get real time events from the server',
  aliases: ['system events', 'events'],
  flags: {
    filter: filterFlag('Filter output based on conditions provided', 'f'),
    format: jsonFormat(false),
    since: text('Show all events created since timestamp'),
    until: text('Stream events until this timestamp'),
  },
  args: exactly(0),
  run: async (cli, { flags: { filter: filters, format, since, until } }) => {
    const line = await formatter(format);
    const feed = await events(cli.daemon, {
      filters,
      ...(since && { since: queryTime(since) }),
      ...(until && { until: queryTime(until) }),
    });
    for await (const event of feed) await cli.out(`${line(event)}\n`);
  },
});

async function formatter(format: string): Promise<(event: EventMessage) => string> {
  if (format === '') return eventText;
  const { shown } = await import('../../format/shown.ts');
  return (event) => shown(event, format);
}

/** `2026-11-24T06:50:34.123456789Z container start 7ca1… (image=busybox, name=web)` */
function eventText({ timeNano, time, Type, Action, Actor }: EventMessage): string {
  const attributes = Object.entries(Actor.Attributes ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  const detail = attributes.length > 0 ? ` (${attributes.join(', ')})` : '';
  return `${eventTime(time, timeNano)} ${Type} ${Action} ${Actor.ID}${detail}`;
}

function eventTime(time: number, timeNano: number): string {
  const date = new Date(time * 1000);
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  // past 2^53 the last digits of nanoseconds are lost
  const nanoseconds = String(BigInt(timeNano) % 1_000_000_000n).padStart(9, '0');
  const two = (n: number) => String(Math.trunc(n)).padStart(2, '0');
  const zone =
    offset === 0
      ? 'Z'
      : `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
  return `${local}.${nanoseconds}${zone}`;
}
