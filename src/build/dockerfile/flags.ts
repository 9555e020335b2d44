import { invalid } from '#base/errors.ts';
import { suggestion } from './suggest.ts';

/** What flags an instruction has, by name. `texts` may be given again. */
export type FlagTable = Readonly<Record<string, 'text' | 'texts' | 'boolean'>>;

/** Flags as given. */
export interface Flags {
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  boolean(name: string): boolean | undefined;
}

/**
 * Reads an instruction's flags by the table of those it has.
 *
 * @throws {EngineError} `invalid`: unknown, given twice, without a value
 */
export function readFlags(words: readonly string[], table: FlagTable): Flags {
  const given = new Map<string, string[]>();
  for (const word of words) {
    const [flag = ''] = word.split('=', 1);
    const value = word.length > flag.length ? word.slice(flag.length + 1) : undefined;
    const name = flag.slice(2);
    const kind = Object.hasOwn(table, name) ? table[name] : undefined;
    if (kind === undefined) throw invalid(`unknown flag: ${flag}${suggestion(name, Object.keys(table))}`);
    if (given.has(name) && kind !== 'texts') throw invalid(`duplicate flag specified: ${flag}`);
    given.set(name, [...(given.get(name) ?? []), textOf(flag, kind, value)]);
  }
  return {
    text: (name) => given.get(name)?.[0],
    texts: (name) => given.get(name) ?? [],
    boolean: (name) => (given.has(name) ? given.get(name)?.[0] === 'true' : undefined),
  };
}

function textOf(flag: string, kind: FlagTable[string], value: string | undefined): string {
  if (kind !== 'boolean') {
    if (value === undefined) throw invalid(`missing a value on flag: ${flag}`);
    return value;
  }
  if (value === '') throw invalid(`missing a value on flag: ${flag}`);
  const lower = value?.toLowerCase() ?? 'true';
  if (lower !== 'true' && lower !== 'false')
    throw invalid(`expecting boolean value for flag ${flag}, not: ${value}`);
  return lower;
}
