import { Failure } from '../command.ts';
import { parseGoDuration } from '../container-spec/go-duration.ts';

/**
 * A moment that a person gave, as a query has it: seconds since 1970 with nanoseconds.
 *
 * It may be a duration before now (`10m`), seconds since 1970, or a date of which the end may be left out.
 */
export function queryTime(text: string, now = Date.now()): string {
  const before = durationOf(text);
  // whole seconds, as Docker has them
  if (before !== undefined && text !== '0') return String(Math.floor((now - before / 1e6) / 1000));
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  const found =
    /^(\d{4}-\d\d-\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d\d:\d\d)?$/.exec(text);
  if (found === null) throw new Failure(`failed to parse value as time or duration: "${text}"`);
  const [, day, hour = '00', minute = '00', second = '00', fraction = '', zone = ''] = found;
  const moment = new Date(`${day}T${hour}:${minute}:${second}${zone}`).getTime();
  return seconds(moment, Number(fraction.padEnd(9, '0')));
}

const seconds = (milliseconds: number, nanoseconds: number) => {
  const whole = Math.floor(milliseconds / 1000);
  const rest = Math.round((milliseconds - whole * 1000) * 1e6) + nanoseconds;
  return `${whole}.${String(rest).padStart(9, '0')}`;
};

function durationOf(text: string): number | undefined {
  try {
    return parseGoDuration(text);
  } catch {
    return undefined;
  }
}
