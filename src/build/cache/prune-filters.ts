import type { BuildCache } from '#api/index.ts';
import { timeBefore } from '#api/until.ts';
import { invalid, messageOf } from '#base/errors.ts';
import type { Filters } from '#events/filters.ts';

/** What a prune is about. */
export interface PruneFilter {
  /** Only what was not used since. */
  readonly before: Date | undefined;
  /** Whether a record is meant, its age aside. */
  matches(record: BuildCache): boolean;
}

type Field = (record: BuildCache) => string;

const texts: Readonly<Record<string, Field>> = {
  id: ({ ID }) => ID,
  type: ({ Type }) => Type,
  description: ({ Description }) => Description,
  parent: () => '',
  parents: () => '',
};

const marks: Readonly<Record<string, (record: BuildCache) => boolean>> = {
  inuse: ({ InUse }) => InUse,
  shared: ({ Shared }) => Shared,
  private: ({ Shared }) => !Shared,
};

/**
 * Reads the filters of a prune: `until` (or `unused-for`), `id` (a part of it), `type`, `description`, `parent`, `inuse`,
 * `shared`, `private`, one value each. As buildx has it, a text may also be `name!=value` or `name~=part`.
 *
 * @throws {EngineError} `invalid` as dockerd words it
 * @see Engine API, BuildPrune
 */
export function pruneFilter(filters: Filters, now: Date): PruneFilter {
  const conditions = Object.entries(filters)
    .filter(([name]) => !ages.includes(name))
    .map(([name, values]) => condition(name, values));
  return {
    before: timeOf(filters, now),
    matches: (record) => conditions.every((isMet) => isMet(record)),
  };
}

const ages = ['until', 'unused-for'];

function timeOf(filters: Filters, now: Date): Date | undefined {
  const given = ages.filter((name) => (filters[name]?.length ?? 0) > 0);
  if (given.length > 1) throw invalid('conflicting filters: "until" and "unused-for"');
  const [name = ''] = given;
  const text = single(filters[name] ?? []);
  if (text === undefined) return undefined;
  try {
    return new Date(timeBefore(text, now));
  } catch (error) {
    const expected = `${JSON.stringify(name)} filter expects a duration (e.g., '24h') or a timestamp`;
    throw invalid(`${expected}: ${messageOf(error)}`, { cause: error });
  }
}

function condition(name: string, values: readonly string[]): (record: BuildCache) => boolean {
  const mark = Object.hasOwn(marks, name) ? marks[name] : undefined;
  const value = single(values);
  if (mark !== undefined) {
    const wanted = value !== 'false' && value !== '0';
    return (record) => mark(record) === wanted;
  }
  const [, field = '', operator = ''] = /^(.*?)([!~]?)$/s.exec(name)!;
  const textOf = Object.hasOwn(texts, field) ? texts[field] : undefined;
  if (textOf === undefined) throw invalid(`invalid filter '${name}'`);
  if (value === undefined) return (record) => textOf(record) !== '';
  if (operator === '!') return (record) => textOf(record) !== value;
  if (operator === '~' || field === 'id') return (record) => textOf(record).includes(value);
  return (record) => textOf(record) === value;
}

function single(values: readonly string[]): string | undefined {
  if (values.length > 1) throw invalid('filters expect only one value');
  return values[0];
}
