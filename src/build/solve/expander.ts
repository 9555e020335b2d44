import { expandHeredoc, expandWord, expandWords } from '../dockerfile/expand.ts';

/** Puts variables into an instruction's words. */
export interface Expander {
  /** One word. @throws {EngineError} `invalid`: `failed to process "${x:?}": …` */
  word(text: string): string;
  /** A text that may become several words. */
  words(text: string): readonly string[];
  /** A document: no quotes are taken away. */
  document(text: string): string;
}

/** Of variables by name, in a file with this escape character. */
export const expanderOf = (
  lookup: (name: string) => string | undefined,
  options: { readonly escape: '\\' | '`' },
): Expander => ({
  word: (text) => expandWord(text, lookup, options),
  words: (text) => expandWords(text, lookup, options),
  document: (text) => expandHeredoc(text, lookup, options),
});
