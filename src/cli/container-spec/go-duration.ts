const unitNanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

/**
 * Reads a duration as Go writes them, `1h30m`, `1.5s`, in nanoseconds.
 *
 * @throws Error in Go's words
 * @see Go, time.ParseDuration
 */
export function parseGoDuration(text: string): number {
  if (text === '0') return 0;
  const sign = text.startsWith('-') ? -1 : 1;
  const parts = text.replace(/^[+-]/, '');
  if (/^[\d.]+$/.test(parts) && /\d/.test(parts)) {
    throw new Error(`time: missing unit in duration ${JSON.stringify(text)}`);
  }
  if (!/^((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+$/.test(parts)) {
    throw new Error(`time: invalid duration ${JSON.stringify(text)}`);
  }
  let total = 0;
  for (const [, amount, unit] of parts.matchAll(/([\d.]+)([a-zµμ]+)/g))
    total += Number(amount) * unitNanoseconds[unit!]!;
  return sign * Math.round(total);
}
