import { invalid } from '#base/errors.ts';
import { FormError } from './dockerfile-error.ts';
import type { KeyValue } from './syntax.ts';
import { quoted, quotedWords } from './words.ts';

/**
 * ENV's and LABEL's two forms: `a=1 b="2 3"`, and `a the rest`, known by the first word without `=`.
 *
 * @throws {EngineError} `invalid`
 */
export function keyValues(
  kind: 'ENV' | 'LABEL',
  rest: string,
  escapeCharacter: string,
): { readonly pairs: readonly KeyValue[]; readonly legacy: boolean } {
  const words = quotedWords(rest, escapeCharacter);
  const [first] = words;
  if (first === undefined) throw invalid(`${kind} requires at least one argument`);
  const legacy = !first.includes('=');
  const pairs = legacy ? [oldPair(kind, rest)] : words.map(pairOf);
  if (pairs.some(({ key }) => key === '')) throw invalid(`${kind} names can not be blank`);
  return { pairs, legacy };
}

function oldPair(kind: string, rest: string): KeyValue {
  const blank = rest.search(/[\t\v\f\r ]/);
  if (blank < 0) throw new FormError(`${kind} must have two arguments`);
  return { key: rest.slice(0, blank), value: rest.slice(blank).replace(/^[\t\v\f\r ]+/, '') };
}

function pairOf(word: string): KeyValue {
  const equals = word.indexOf('=');
  if (equals < 0)
    throw new FormError(`Syntax error - can't find = in ${quoted(word)}. Must be of the form: name=value`);
  return { key: word.slice(0, equals), value: word.slice(equals + 1) };
}
