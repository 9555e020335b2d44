import type { Searched } from './search-words.ts';
import { fold } from './search-words.ts';

/** What of a repository counts for where it stands among those found. */
export interface Ranked {
  readonly full_name: string;
  readonly description: string;
  readonly stars: number;
  readonly pulls: number;
}

/** Steps between kinds of fits: more than stars and pulls can make up for. */
const step = 100;
const kinds = ['overview', 'description', 'wordPrefix', 'word', 'namePrefix', 'name'] as const;
type Kind = (typeof kinds)[number];

/**
 * A number by which those found are sorted, best first: its name is what was typed, begins with it, has its words, has words that
 * begin with them; then by its description, then by its overview. Among alike, stars and pulls decide, by powers of ten.
 */
export const ranker = (searched: Searched): ((found: Ranked) => number) => {
  const kindOf = kindOfFit(searched);
  return (found) => step * kinds.indexOf(kindOf(found)) + boost(found);
};

/** 0 to 99. */
const boost = ({ stars, pulls }: Ranked): number => Math.min(99, 10 * Math.log10(1 + stars * 50 + pulls));

function kindOfFit({ name, words }: Searched): (found: Ranked) => Kind {
  const prefixes = words.map((word) => new RegExp(`(?:^|[^\\p{L}\\p{N}\\p{Co}])${word}`, 'u'));
  const whole = words.map(
    (word) => new RegExp(`(?:^|[^\\p{L}\\p{N}\\p{Co}])${word}(?![\\p{L}\\p{N}\\p{Co}])`, 'u'),
  );
  const all = (patterns: readonly RegExp[], text: string) => patterns.every((pattern) => pattern.test(text));
  return ({ full_name, description }) => {
    const own = full_name.slice(full_name.indexOf('/') + 1);
    if (full_name === name || own === name) return 'name';
    if (full_name.startsWith(name) || own.startsWith(name)) return 'namePrefix';
    if (all(prefixes, full_name)) return all(whole, full_name) ? 'word' : 'wordPrefix';
    return all(prefixes, fold(description)) ? 'description' : 'overview';
  };
}
