import { EngineError, invalid } from '#base/errors.ts';
import { type Expanded, type ExpandOptions, Expansion, type Kept, type Lookup } from './expansion.ts';
import { quoted } from './words.ts';

export type { ExpandOptions, Lookup } from './expansion.ts';

/**
 * Puts variables into a word, and takes its quotes and escapes away.
 *
 * @throws {EngineError} `invalid`: `failed to process "${x:?}": x: is not allowed to be unset`
 */
export const expandWord = (text: string, lookup: Lookup, options: ExpandOptions = {}): string =>
  expanded(text, lookup, options).text;

/** As `expandWord`, then split at blanks, those of values too, but not those in quotes. Empty words are none. */
export const expandWords = (text: string, lookup: Lookup, options: ExpandOptions = {}): readonly string[] =>
  expanded(text, lookup, options).words;

/** Puts variables into a document: quotes stay. The escape character is always the backslash. */
export const expandHeredoc = (text: string, lookup: Lookup, options: ExpandOptions = {}): string =>
  expanded(text, lookup, { ...options, escape: '\\' }, { keepsQuotes: true }).text;

/** Words of a line for the shell, as they are written. Variables are none. */
export const rawWords = (text: string): readonly string[] =>
  expanded(text, unset, {}, { rawQuotes: true, rawEscapes: true, keepsUnset: true }).words;

/** Words of a line for the shell, with their quotes, without escapes. Variables are none. */
export const wordsWithQuotes = (text: string): readonly string[] =>
  expanded(text, unset, {}, { rawQuotes: true, keepsUnset: true }).words;

/** Words of a line for the shell, without quotes and escapes. Variables are none. */
export const wordsOf = (text: string): readonly string[] =>
  expanded(text, unset, {}, { keepsUnset: true }).words;

const unset: Lookup = () => undefined;

function expanded(text: string, lookup: Lookup, options: ExpandOptions, kept: Kept = {}): Expanded {
  try {
    return new Expansion(text, lookup, options, kept).all();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw invalid(`failed to process ${quoted(text)}: ${error.message}`, { cause: error });
  }
}
