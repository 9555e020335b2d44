const mostWords = 5;
const longestQuery = 200;

/** What was typed, in parts: the words that all must be there, and how a name would be written. */
export interface Searched {
  /** Folded, without white space around it: to compare with names. */
  readonly name: string;
  /** Folded, each once. */
  readonly words: readonly string[];
}

/** Letters and digits; but for some of New Tai Lue and Vedic, that not every full-text index takes for letters. */
const word = /[[\p{L}\p{N}]--[\u19b0-\u19c9\u1cf2\u1cf3]]+/gv;

/**
 * Takes what someone typed apart. Past 200 characters and five words the rest is not looked at; single letters count only where
 * nothing longer was typed, for most of what there is has them.
 */
export function searched(text: string): Searched {
  const bare = text.slice(0, longestQuery).trim();
  const all = [...new Set(fold(bare).match(word) ?? [])];
  const longer = all.filter((one) => one.length > 1);
  return {
    name: fold(bare),
    words: longer.length > 0 ? longer.slice(0, mostWords) : all.slice(0, 2),
  };
}

/** Letters without case and diacritics, as the records have them. */
export const fold = (text: string): string =>
  (/^[\x20-\x7e\n]*$/.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '')).toLowerCase();
