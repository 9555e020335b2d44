import { invalid } from '#base/errors.ts';

const unitMilliseconds: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * The moment an `until` filter means, in milliseconds since 1970: a Go duration back from now, seconds since 1970, or
 * RFC 3339.
 *
 * @throws {EngineError} `invalid`
 */
export function timeBefore(text: string, now: Date): number {
  if (/^([\d.]+(ns|us|µs|ms|s|m|h))+$/.test(text)) {
    const parts = [...text.matchAll(/([\d.]+)(ns|us|µs|ms|s|m|h)/g)];
    return (
      now.getTime() -
      parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMilliseconds[unit!]!, 0)
    );
  }
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid(`failed to parse value as time or duration: ${JSON.stringify(text)}`);
  return time;
}
