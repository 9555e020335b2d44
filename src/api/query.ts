import { invalid } from '#base/errors.ts';

/** The query of a request's target; empty where it has none. */
export function queryOf(target = ''): URLSearchParams {
  const at = target.indexOf('?');
  return new URLSearchParams(at < 0 ? '' : target.slice(at + 1));
}

/** A query's flag, as Docker reads one: absent, empty, `0`, `no`, `false` and `none` are false, all else is true. */
export function queryBoolean(value: string | null, whenAbsent = false): boolean {
  if (value === null) return whenAbsent;
  return !['', '0', 'no', 'false', 'none'].includes(value.trim().toLowerCase());
}

/** A whole number of a query; undefined when absent or empty. @throws `invalid` in Go's words */
export function queryInteger(value: string | null): number | undefined {
  if (value === null || value === '') return undefined;
  if (!/^[+-]?\d+$/.test(value))
    throw invalid(`strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`);
  return Number(value);
}

/** Filters by name, each with its values. */
export type FilterValues = Readonly<Record<string, readonly string[]>>;

/**
 * The `filters` parameter: `{"label":["a","b"]}`, or `{"label":{"a":true,"b":true}}` as older clients send it.
 *
 * @throws {EngineError} `invalid`: `invalid filter`
 */
export function parseFilters(text: string | null): FilterValues {
  if (text === null || text.trim() === '') return {};
  const value = parsed(text);
  if (value === null) return {};
  if (typeof value !== 'object' || Array.isArray(value)) throw invalid('invalid filter');
  return Object.fromEntries(Object.entries(value).map(([name, values]) => [name, filterValues(values)]));
}

function filterValues(values: unknown): readonly string[] {
  if (values === null) return [];
  if (Array.isArray(values) && values.every((value) => typeof value === 'string')) return values;
  if (typeof values !== 'object' || Array.isArray(values)) throw invalid('invalid filter');
  return Object.keys(values);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('invalid filter', { cause });
  }
}

/**
 * Refuses filters that an endpoint does not have. @throws `invalid`: `invalid filter 'x'`
 */
export function checkFilters(filters: FilterValues, known: readonly string[]): void {
  for (const name of Object.keys(filters))
    if (!known.includes(name)) throw invalid(`invalid filter '${name}'`);
}

/**
 * A moment of a query: seconds since 1970 with a fraction (what clients send), or a date.
 *
 * @returns milliseconds since 1970
 */
export function queryTime(value: string | null): number | undefined {
  if (value === null || value === '') return undefined;
  if (/^-?\d+(\.\d+)?$/.test(value)) return Number(value) * 1000;
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw invalid(`parsing time ${JSON.stringify(value)}: invalid`);
  return time;
}
