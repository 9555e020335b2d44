import { invalid } from '#base/errors.ts';
import type { Flag, FlagKind } from './flags.ts';

export interface UlimitValue {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** The value of a flag or a key of daemon.json. */
export type Value =
  | string
  | number
  | boolean
  | readonly string[]
  | Readonly<Record<string, string>>
  | Readonly<Record<string, UlimitValue>>;

/** A flag's text as a value; lists and maps have one element. @throws `invalid` in Go's words */
export function parseFlagValue(kind: FlagKind, text: string): Value {
  switch (kind) {
    case 'text':
      return text;
    case 'switch':
      return parseSwitch(text);
    case 'number':
      return parseNumber(text);
    case 'bytes':
      return parseBytes(text);
    case 'list':
      return [text];
    case 'map':
      return parsePair(text);
    case 'ulimits':
      return parseUlimit(text);
  }
}

/** Adds what a flag that is given again says. */
export function joined(kind: FlagKind, before: Value | undefined, value: Value): Value {
  if (before === undefined) return value;
  if (kind === 'list') return [...(before as readonly string[]), ...(value as readonly string[])];
  if (kind === 'map' || kind === 'ulimits') return { ...(before as object), ...(value as object) };
  return value;
}

/** A key of daemon.json as a value. @throws `invalid` in Go's words */
export function parseFileValue(flag: Flag, key: string, value: unknown): Value {
  if (flag.kind === 'bytes' && typeof value === 'string') return parseBytes(value);
  if (fits(flag.kind, value))
    return flag.kind === 'ulimits' ? named(value as Record<string, UlimitValue>) : (value as Value);
  throw invalid(
    `json: cannot unmarshal ${typeName(value)} into Go struct field Config.${key} of type ${goTypes[flag.kind]}`,
  );
}

const goTypes: Record<FlagKind, string> = {
  text: 'string',
  switch: 'bool',
  number: 'int',
  bytes: 'opts.MemBytes',
  list: '[]string',
  map: 'map[string]string',
  ulimits: 'map[string]*container.Ulimit',
};

function fits(kind: FlagKind, value: unknown): boolean {
  const strings = (values: unknown[]) => values.every((item) => typeof item === 'string');
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  switch (kind) {
    case 'text':
      return typeof value === 'string';
    case 'switch':
      return typeof value === 'boolean';
    case 'number':
    case 'bytes':
      return Number.isInteger(value);
    case 'list':
      return Array.isArray(value) && strings(value);
    case 'map':
      return isObject && strings(Object.values(value));
    case 'ulimits':
      return isObject && Object.values(value).every((limit) => typeof limit === 'object' && limit !== null);
  }
}

const named = (limits: Record<string, UlimitValue>): Record<string, UlimitValue> =>
  Object.fromEntries(
    Object.entries(limits).map(([name, { Soft, Hard }]) => [
      name,
      { Name: name, Soft: Soft ?? Hard, Hard: Hard ?? Soft },
    ]),
  );

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? 'array' : typeof value;
}

function parseSwitch(text: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(text)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(text)) return false;
  throw invalid(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`);
}

function parseNumber(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw invalid(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

const units = 'bkmgtp';

export function parseBytes(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgtp]?)(?:i?b)?$/i.exec(text.trim());
  if (match === null) throw invalid(`invalid size: '${text}'`);
  return Math.floor(Number(match[1]) * 1024 ** units.indexOf(match[2]!.toLowerCase() || 'b'));
}

function parsePair(text: string): Record<string, string> {
  const at = text.indexOf('=');
  return at < 0 ? { [text]: '' } : { [text.slice(0, at)]: text.slice(at + 1) };
}

/** `nofile=1024:2048`, `nofile=1024` */
function parseUlimit(text: string): Record<string, UlimitValue> {
  const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text);
  if (match === null) throw invalid(`invalid ulimit argument: ${text}`);
  const soft = Number(match[2]);
  const hard = match[3] === undefined ? soft : Number(match[3]);
  if (hard !== -1 && soft > hard)
    throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  return { [match[1]!]: { Name: match[1]!, Soft: soft, Hard: hard } };
}

/** As Go prints a value: `[a b]`, `map[a:b]`. */
export function shownValue(value: Value): string {
  if (Array.isArray(value)) return `[${value.join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  return `map[${Object.entries(value)
    .map(([key, item]) => `${key}:${typeof item === 'string' ? item : JSON.stringify(item)}`)
    .join(' ')}]`;
}
