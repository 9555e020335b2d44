/**
 * Flags of a command, by pflag's rules: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-abc`.
 *
 * A set of flags is an object whose keys are the long names, so that the parsed values are typed by it.
 */
export interface Flag<T> {
  readonly short?: string;
  /** The value's name in the help text; empty for a flag that takes none. */
  readonly type: string;
  readonly usage: string;
  readonly initial: T;
  /** The default as the help text has it, where it is shown. */
  readonly shows?: string;
  readonly hidden?: boolean;
  /** What to use instead: said when the flag is used. */
  readonly deprecated?: string;
  /** What a bare `--name` stands for, where no value must follow. */
  readonly bare?: string;
  /** Reads one occurrence. `current` is what came before, `first` whether none did. Throws the reason. */
  read(text: string, current: T, first: boolean): T;
}

// biome-ignore lint/suspicious/noExplicitAny: a set holds flags of any value; each value's type comes from its own flag
export type FlagSet = Readonly<Record<string, Flag<any>>>;
export type Values<F extends FlagSet> = { readonly [K in keyof F]: F[K] extends Flag<infer T> ? T : never };

export interface Parsed<F extends FlagSet> {
  readonly flags: Values<F>;
  readonly args: readonly string[];
  /** The names that were given. */
  readonly given: ReadonlySet<string>;
  /** Where `--` stood among the arguments, or -1. */
  readonly dash: number;
}

/** A mistake in how a command was called: printed with its usage, exit code 125. */
export class FlagError extends Error {}

type Extra = Pick<Flag<unknown>, 'short' | 'hidden' | 'deprecated' | 'shows'> & { readonly type?: string };

export const bool = (usage: string, extra: Extra & { initial?: boolean } = {}): Flag<boolean> => ({
  type: '',
  usage,
  initial: false,
  bare: 'true',
  ...(extra.initial && { shows: 'true' }),
  ...extra,
  read: readBool,
});

export const text = (usage: string, extra: Extra & { initial?: string } = {}): Flag<string> => ({
  type: 'string',
  usage,
  initial: '',
  ...(extra.initial && { shows: JSON.stringify(extra.initial) }),
  ...extra,
  read: (value) => value,
});

/** Each occurrence adds one value; `check` may refuse or rewrite it. */
export const list = (
  usage: string,
  { check = (value) => value, ...extra }: Extra & { check?: (value: string) => string } = {},
): Flag<readonly string[]> => ({
  type: 'list',
  usage,
  initial: [],
  ...extra,
  read: (value, current) => [...current, check(value)],
});

/** Like `list`, but a value may also hold several, separated by commas. */
export const strings = (usage: string, extra: Extra = {}): Flag<readonly string[]> => ({
  type: 'strings',
  usage,
  initial: [],
  ...extra,
  read: (value, current) => [...current, ...value.split(',')],
});

export const int = (usage: string, extra: Extra & { initial?: number } = {}): Flag<number> => ({
  type: 'int',
  usage,
  initial: 0,
  ...(extra.initial && { shows: String(extra.initial) }),
  ...extra,
  read: readInt,
});

/** Any other value: `read` says what a text stands for. */
export const value = <T>(
  type: string,
  usage: string,
  { initial, read, ...extra }: Extra & { initial: T; read: Flag<T>['read'] },
): Flag<T> => ({ usage, initial, read, ...extra, type });

function readBool(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw new Error(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

export function readInt(text: string): number {
  if (!/^[+-]?(0x[0-9a-f]+|0o?[0-7]+|\d+)$/i.test(text)) {
    throw new Error(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]/, '');
  return sign * (/^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits));
}

/**
 * Reads the arguments of a command.
 *
 * @param interspersed whether flags may follow arguments; else the first argument ends them
 * @param warn told of deprecated flags
 * @throws {FlagError} in pflag's words
 */
export function parseFlags<F extends FlagSet>(
  set: F,
  input: readonly string[],
  { interspersed, warn }: { interspersed: boolean; warn: (message: string) => void },
): Parsed<F> {
  const values: Record<string, unknown> = {};
  for (const name in set) values[name] = set[name]!.initial;
  const state: State = { set, values, given: new Set(), rest: [...input], warn };
  const args: string[] = [];
  let dash = -1;
  while (state.rest.length > 0) {
    const word = state.rest.shift()!;
    if (word === '--') {
      dash = args.length;
      args.push(...state.rest.splice(0));
    } else if (word.startsWith('--')) readLong(state, word);
    else if (word.startsWith('-') && word !== '-') readShort(state, word);
    else {
      args.push(word);
      if (!interspersed) args.push(...state.rest.splice(0));
    }
  }
  return { flags: values as Values<F>, args, given: state.given, dash };
}

interface State {
  readonly set: FlagSet;
  readonly values: Record<string, unknown>;
  readonly given: Set<string>;
  readonly rest: string[];
  readonly warn: (message: string) => void;
}

function readLong(state: State, word: string): void {
  const equals = word.indexOf('=');
  const name = word.slice(2, equals < 0 ? undefined : equals);
  if (name === '' || name.startsWith('-')) throw new FlagError(`bad flag syntax: ${word}`);
  const flag = Object.hasOwn(state.set, name) ? state.set[name] : undefined;
  if (flag === undefined) throw new FlagError(`unknown flag: --${name}`);
  const given = equals >= 0 ? word.slice(equals + 1) : (flag.bare ?? state.rest.shift());
  if (given === undefined) throw new FlagError(`flag needs an argument: --${name}`);
  assign(state, name, given);
}

/** Reads `-abc`: flags that take no value, and at the end perhaps one that does. */
function readShort(state: State, word: string): void {
  for (let at = 1; at < word.length; at++) {
    const letter = word[at]!;
    const name = Object.keys(state.set).find((each) => state.set[each]!.short === letter);
    if (name === undefined) throw new FlagError(`unknown shorthand flag: '${letter}' in -${word.slice(at)}`);
    const rest = word.slice(at + 1);
    const { bare } = state.set[name]!;
    if (bare !== undefined && !rest.startsWith('=')) {
      assign(state, name, bare);
      continue;
    }
    const given = rest === '' ? state.rest.shift() : rest.replace(/^=/, '');
    if (given === undefined) throw new FlagError(`flag needs an argument: '${letter}' in -${word.slice(at)}`);
    assign(state, name, given);
    return;
  }
}

function assign(state: State, name: string, text: string): void {
  const flag = state.set[name]!;
  try {
    state.values[name] = flag.read(text, state.values[name], !state.given.has(name));
  } catch (error) {
    const title = flag.short === undefined ? `--${name}` : `-${flag.short}, --${name}`;
    throw new FlagError(
      `invalid argument ${JSON.stringify(text)} for "${title}" flag: ${(error as Error).message}`,
    );
  }
  state.given.add(name);
  if (flag.deprecated !== undefined) state.warn(`Flag --${name} has been deprecated, ${flag.deprecated}`);
}
