import { goString, sprintf } from './print.ts';

/** A function that templates may call. Throws a plain Error with the reason. */
export type TemplateFunction = (...values: readonly unknown[]) => unknown;

/** What templates can call: Go's built-in functions, and those that Docker adds. `and` and `or` are not here: they stop early. */
export const functions: Readonly<Record<string, TemplateFunction>> = {
  json: (value) => goJson(value),
  split: (text, separator) => goSplit(str(text), str(separator)),
  join: (parts, separator) =>
    (Array.isArray(parts) ? parts : []).map((each) => goString(each)).join(str(separator)),
  title: (text) =>
    str(text).replace(
      /(^|[^\p{L}\p{N}_'])(\p{Ll})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    ),
  lower: (text) => str(text).toLowerCase(),
  upper: (text) => str(text).toUpperCase(),
  pad: (text, before, after) =>
    str(text) === '' ? '' : ' '.repeat(num(before)) + str(text) + ' '.repeat(num(after)),
  truncate: (text, length) => (str(text).length < num(length) ? str(text) : str(text).slice(0, num(length))),
  println: (...values) => `${values.map((value) => goString(value)).join(' ')}\n`,
  print: (...values) => printAll(values),
  printf: (format, ...values) => sprintf(str(format), values),
  len: (value) => lengthOf(value),
  index: (value, ...keys) => keys.reduce((at, key) => indexOf(at, key), value),
  slice: (value, from = 0, to = undefined) =>
    (value as string).slice(num(from), to === undefined ? undefined : num(to)),
  not: (value) => !isTrue(value),
  eq: (first, ...others) => others.some((other) => same(first, other)),
  ne: (a, b) => !same(a, b),
  lt: (a, b) => compare(a, b) < 0,
  le: (a, b) => compare(a, b) <= 0,
  gt: (a, b) => compare(a, b) > 0,
  ge: (a, b) => compare(a, b) >= 0,
  html: (...values) =>
    printAll(values).replace(/[&<>'"]/g, (char) =>
      `&#${char.charCodeAt(0)};`.replace('&#38;', '&amp;').replace('&#60;', '&lt;').replace('&#62;', '&gt;'),
    ),
  urlquery: (...values) => encodeURIComponent(printAll(values)).replaceAll('%20', '+'),
};

const str = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) throw new Error('invalid value; expected string');
  throw new Error(
    `wrong type for value; expected string; got ${typeof value === 'number' ? 'int' : typeof value}`,
  );
};
const num = (value: unknown): number => {
  if (typeof value === 'number') return value;
  throw new Error(`wrong type for value; expected int; got ${typeof value}`);
};

/** Whether a value counts as true: not zero, not empty, not absent. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  // an empty struct is true; what JSON has is a map as often, and empty maps are false
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** JSON as Docker's `json` function has it: no spaces, `<`, `>` and `&` left as they are. */
export const goJson = (value: unknown): string =>
  JSON.stringify(value === undefined ? null : value) ?? 'null';

/** JSON as Go's Marshal has it: safe within HTML. */
export const escapedJson = (value: unknown): string =>
  goJson(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const goSplit = (text: string, separator: string) => (separator === '' ? [...text] : text.split(separator));

/** `fmt.Sprint`: a space between two values when neither is a string. */
function printAll(values: readonly unknown[]): string {
  return values
    .map((value, i) => {
      const spaced = i > 0 && typeof value !== 'string' && typeof values[i - 1] !== 'string';
      return (spaced ? ' ' : '') + goString(value);
    })
    .join('');
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return new TextEncoder().encode(value).length;
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  if (value === null) return 0;
  throw new Error(value === undefined ? 'len of untyped nil' : `len of type ${typeof value}`);
}

function indexOf(value: unknown, key: unknown): unknown {
  if (value === undefined) throw new Error('index of untyped nil');
  if (value === null) return undefined;
  if (Array.isArray(value) || typeof value === 'string') {
    const at = num(key);
    if (value === '') throw new Error('index of untyped nil');
    if (at < 0 || at >= value.length) throw new Error('reflect: slice index out of range');
    return typeof value === 'string' ? value.charCodeAt(at) : value[at];
  }
  if (typeof value !== 'object') throw new Error(`can't index item of type ${typeof value}`);
  // an absent key of a map of strings is the empty string, of others nothing
  const found = (value as Record<string, unknown>)[str(key)];
  const values = Object.values(value);
  const textual = values.every((each) => typeof each === 'string');
  return found === undefined && textual ? '' : found;
}

function same(a: unknown, b: unknown): boolean {
  if (typeof a === typeof b || a == null || b == null) return (a ?? undefined) === (b ?? undefined);
  throw new Error('incompatible types for comparison');
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  throw new Error(
    typeof a === typeof b ? 'invalid type for comparison' : 'incompatible types for comparison',
  );
}
