import { invalid } from '#base/errors.ts';
import { findGoDuration } from './go-duration.ts';

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
  const nanoseconds = text === '0' ? undefined : findGoDuration(text);
  if (nanoseconds !== undefined) return now.getTime() - nanoseconds / 1e6;
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
