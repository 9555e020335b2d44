import { findGoDuration } from '#api/go-duration.ts';
import { invalid } from '#base/errors.ts';

/** `list` may be given often; `duration` is Go's, kept as seconds. */
export type FlagKind = 'text' | 'switch' | 'list' | 'duration';

export interface Flag {
  readonly name: string;
  readonly kind: FlagKind;
  readonly help: string;
  /** As the help shows it. */
  readonly standard?: string;
}

type Value = string | boolean | number | readonly string[];

/** What a command line says: flags by name, and the words between them. */
export class Given {
  readonly words: readonly string[];
  readonly #values: ReadonlyMap<string, Value>;

  constructor(words: readonly string[], values: ReadonlyMap<string, Value>) {
    this.words = words;
    this.#values = values;
  }

  has(name: string): boolean {
    return this.#values.has(name);
  }

  text(name: string): string | undefined {
    return this.#values.get(name) as string | undefined;
  }

  switched(name: string): boolean {
    return this.#values.get(name) === true;
  }

  list(name: string): readonly string[] {
    return (this.#values.get(name) as readonly string[] | undefined) ?? [];
  }

  seconds(name: string): number | undefined {
    return this.#values.get(name) as number | undefined;
  }
}

/**
 * `--flag value`, `--flag=value`; after `--` everything is a word.
 *
 * @throws {EngineError} `invalid` in the words of docker's programs
 */
export function parseFlags(args: readonly string[], flags: readonly Flag[]): Given {
  const rest = [...args];
  const words: string[] = [];
  const values = new Map<string, Value>();
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') words.push(...rest.splice(0));
    else if (word.startsWith('--')) takeFlag(word.slice(2), { rest, flags, values });
    else if (word === '-h') values.set('help', true);
    else if (word.startsWith('-') && word !== '-')
      throw invalid(`unknown shorthand flag: '${word[1]}' in ${word}`);
    else words.push(word);
  }
  return new Given(words, values);
}

function takeFlag(
  text: string,
  {
    rest,
    flags,
    values,
  }: {
    readonly rest: string[];
    readonly flags: readonly Flag[];
    readonly values: Map<string, Value>;
  },
): void {
  const at = text.indexOf('=');
  const name = at < 0 ? text : text.slice(0, at);
  const flag = flags.find((candidate) => candidate.name === name);
  if (flag === undefined) throw invalid(`unknown flag: --${name}`);
  const given = at < 0 ? (flag.kind === 'switch' ? 'true' : rest.shift()) : text.slice(at + 1);
  if (given === undefined) throw invalid(`flag needs an argument: --${name}`);
  const value = parsedValue(flag, given);
  const before = values.get(name);
  values.set(
    name,
    flag.kind === 'list' ? [...((before as string[] | undefined) ?? []), value as string] : value,
  );
}

function parsedValue({ name, kind }: Flag, text: string): Value {
  if (kind === 'switch') {
    if (text === 'true' || text === 'false') return text === 'true';
    throw invalid(`invalid argument "${text}" for "--${name}" flag: it is true or false`);
  }
  if (kind !== 'duration') return text;
  const duration = findGoDuration(text);
  if (duration === undefined || duration < 0)
    throw invalid(`invalid argument "${text}" for "--${name}" flag: it is a duration like 24h or 1h30m`);
  return duration / 1e9;
}
