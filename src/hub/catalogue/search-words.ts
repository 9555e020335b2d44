import { fold, wordsOf } from '../records/words.ts';

const mostWords = 5;
const longestQuery = 200;

/** What was typed, in parts: the words that all must be there, and how a name would be written. */
export interface Searched {
  /** Folded, without white space around it: to compare with names. */
  readonly name: string;
  /** Folded, each once. */
  readonly words: readonly string[];
}

/**
 * Takes what someone typed apart. Past 200 characters and five words the rest is not looked at; single letters count only where
 * nothing longer was typed, for most of what there is has them.
 */
export function searched(text: string): Searched {
  const bare = text.slice(0, longestQuery).trim();
  const all = wordsOf(bare);
  const longer = all.filter((one) => one.length > 1);
  return {
    name: fold(bare),
    words: longer.length > 0 ? longer.slice(0, mostWords) : all.slice(0, 2),
  };
}
