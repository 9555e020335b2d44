/** Letters and digits; but for some of New Tai Lue and Vedic, that full-text indexes take for marks. */
const word = /[[\p{L}\p{N}]--[\u19b0-\u19c9\u1cf2\u1cf3]]+/gv;

/** The words of a text, as searches look for them: folded, each once. Every index has to take them for one word each. */
export const wordsOf = (text: string): readonly string[] => [...new Set(fold(text).match(word) ?? [])];

/** Letters without case and diacritics. */
export const fold = (text: string): string =>
  (/^[\x20-\x7e\n]*$/.test(text) ? text : text.normalize('NFD').replace(/\p{M}/gu, '')).toLowerCase();
