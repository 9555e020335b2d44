import { findGoDuration } from '#api/go-duration.ts';
import { invalid } from '#base/errors.ts';
import { type FlagTable, readFlags } from './flags.ts';
import type { CommandForm, HealthcheckInstruction } from './syntax.ts';
import { jsonWords } from './words.ts';

const table: FlagTable = {
  interval: 'text',
  timeout: 'text',
  'start-period': 'text',
  'start-interval': 'text',
  retries: 'text',
};

/** HEALTHCHECK's own fields. @throws {EngineError} `invalid` */
export function healthcheck(
  flagWords: readonly string[],
  rest: string,
): Omit<HealthcheckInstruction, 'location' | 'original' | 'heredocs'> {
  const blank = rest.search(/\s/);
  const type = (blank < 0 ? rest : rest.slice(0, blank)).toUpperCase();
  const text = blank < 0 ? '' : rest.slice(blank).trimStart();
  if (type === '') throw invalid('HEALTHCHECK requires at least one argument');
  if (type === 'NONE') {
    if (text !== '') throw invalid('HEALTHCHECK NONE takes no arguments');
    return { kind: 'HEALTHCHECK', test: 'none' };
  }
  const flags = readFlags(flagWords, table);
  if (type !== 'CMD') throw invalid(`Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`);
  const interval = (name: string, key: string) => {
    const value = flags.text(name);
    if (value) checkInterval(name, value);
    return value ? { [key]: value } : {};
  };
  const retries = flags.text('retries');
  if (retries) checkRetries(retries);
  return {
    kind: 'HEALTHCHECK',
    test: testOf(text),
    ...interval('interval', 'interval'),
    ...interval('timeout', 'timeout'),
    ...interval('start-period', 'startPeriod'),
    ...interval('start-interval', 'startInterval'),
    ...(retries ? { retries } : {}),
  };
}

function testOf(text: string): CommandForm {
  const words = jsonWords(text);
  if (text === '' || words?.length === 0) throw invalid('Missing command after HEALTHCHECK CMD');
  return words === undefined ? { form: 'shell', text } : { form: 'exec', words };
}

/** A millisecond in nanoseconds: no check goes faster. */
const shortest = 1e6;

function checkInterval(name: string, text: string): void {
  const duration = findGoDuration(text);
  if (duration === undefined) throw invalid(durationError(text));
  if (duration !== 0 && duration < shortest)
    throw invalid(`Interval ${JSON.stringify(name)} cannot be less than 1ms`);
}

/** Go's three ways to say that a duration is none. */
function durationError(text: string): string {
  const quoted = JSON.stringify(text);
  for (const [, number, unit] of text.replace(/^[+-]/, '').matchAll(/([\d.]*)([^\d.]*)/g)) {
    if (!/^(\d+\.?\d*|\.\d+)$/.test(number!)) break;
    if (unit === '') return `time: missing unit in duration ${quoted}`;
    if (!/^(ns|us|µs|μs|ms|s|m|h)$/.test(unit!))
      return `time: unknown unit ${JSON.stringify(unit)} in duration ${quoted}`;
  }
  return `time: invalid duration ${quoted}`;
}

function checkRetries(text: string): void {
  if (!/^[+-]?\d+$/.test(text))
    throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  const retries = Number(text);
  if (retries > 0x7fffffff || retries < -0x80000000)
    throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(text)}: value out of range`);
  if (retries < 0) throw invalid(`--retries cannot be negative (${retries})`);
}
