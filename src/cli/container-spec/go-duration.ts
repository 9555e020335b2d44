import { findGoDuration } from '#api/go-duration.ts';

/**
 * Reads a duration as Go writes them, `1h30m`, `1.5s`, in nanoseconds.
 *
 * @throws Error in Go's words
 * @see Go, time.ParseDuration
 */
export function parseGoDuration(text: string): number {
  const duration = findGoDuration(text);
  if (duration !== undefined) return duration;
  const isNumber = /^[+-]?[\d.]*\d[\d.]*$/.test(text);
  throw new Error(`time: ${isNumber ? 'missing unit in' : 'invalid'} duration ${JSON.stringify(text)}`);
}
