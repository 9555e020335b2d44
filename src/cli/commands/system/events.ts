import type { EventMessage } from '#api/index.ts';
import { eventTexts } from '#client/system/events.ts';
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
    const feed = await eventTexts(cli.daemon, {
      filters,
      ...(since && { since: queryTime(since) }),
      ...(until && { until: queryTime(until) }),
    });
    for await (const text of feed) await cli.out(`${line(text)}\n`);
  },
});

/** What an event's JSON text is printed as. */
async function formatter(format: string): Promise<(text: string) => string> {
  if (format === '') return eventText;
  if (format === 'json') return (text) => text.trim();
  const { shown } = await import('../../format/shown.ts');
  return (text) => shown(JSON.parse(text), format);
}

/** `2026-11-24T06:50:34.123456789Z container start 7ca1… (image=busybox, name=web)` */
function eventText(text: string): string {
  const { time, Type, Action, Actor } = JSON.parse(text) as EventMessage;
  const attributes = Object.entries(Actor.Attributes ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .sort();
  const detail = attributes.length > 0 ? ` (${attributes.join(', ')})` : '';
  return `${eventTime(time, nanoseconds(text))} ${Type} ${Action} ${Actor.ID}${detail}`;
}

/** The part of the time below a second, as written. */
const nanoseconds = (text: string) => (/"timeNano":(\d+)/.exec(text)?.[1] ?? '').slice(-9).padStart(9, '0');

function eventTime(time: number, fraction: string): string {
  const date = new Date(time * 1000);
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString().slice(0, 19);
  const two = (n: number) => String(Math.trunc(n)).padStart(2, '0');
  const zone =
    offset === 0
      ? 'Z'
      : `${offset < 0 ? '-' : '+'}${two(Math.abs(offset) / 60)}:${two(Math.abs(offset) % 60)}`;
  return `${local}.${fraction}${zone}`;
}
