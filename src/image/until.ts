import { invalid } from '#base/errors.ts';

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
const duration = new RegExp(`^[+-]?(?:${part.source})+$`);
const date = /^\d{4}-\d\d-\d\d$/;
const zone = /(?:Z|[+-]\d\d:\d\d)$/i;
const time = /T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?$/;

/**
 * The moment an `until` filter means, in milliseconds since 1970: a Go duration back from now, seconds since 1970, or a
 * date, with a time and a zone or without; without a zone it is the machine's time.
 *
 * @throws {EngineError} `invalid`
 * @see dockerd, api/types/time § GetTimestamp
 */
export function timeBefore(text: string, now: Date): number {
  if (duration.test(text)) {
    const sign = text.startsWith('-') ? -1 : 1;
    const parts = [...text.matchAll(part)];
    return parts.reduce(
      (moment, [, count, unit]) => moment - sign * Number(count) * unitMilliseconds[unit!]!,
      now.getTime(),
    );
  }
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const moment = momentOf(text);
  if (Number.isNaN(moment))
    throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return moment;
}

/** Minutes and seconds may be left out, where JavaScript wants them. */
function momentOf(text: string): number {
  const offset = zone.exec(text)?.[0] ?? '';
  const local = offset === '' ? text : text.slice(0, -offset.length);
  const clock = time.exec(local)?.[0] ?? '';
  const day = clock === '' ? local : local.slice(0, -clock.length);
  if (!date.test(day)) return Number.NaN;
  const whole = clock === '' ? 'T00:00:00' : clock.length === 3 ? `${clock}:00` : clock;
  return Date.parse(`${day}${whole}${offset.toUpperCase()}`);
}
