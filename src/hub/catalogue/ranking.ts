import type { RepositorySummary } from '../api/repositories.ts';
import { fold } from '../records/words.ts';
import type { Searched } from './search-words.ts';

/** What of a repository counts for where it stands among those found. */
export type Ranked = Pick<RepositorySummary, 'name' | 'description' | 'stars' | 'pulls'>;

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

function kindOfFit({ name: typed, words }: Searched): (found: Ranked) => Kind {
  const prefixes = words.map((word) => new RegExp(`(?:^|[^\\p{L}\\p{N}\\p{Co}])${word}`, 'u'));
  const whole = words.map(
    (word) => new RegExp(`(?:^|[^\\p{L}\\p{N}\\p{Co}])${word}(?![\\p{L}\\p{N}\\p{Co}])`, 'u'),
  );
  const all = (patterns: readonly RegExp[], text: string) => patterns.every((pattern) => pattern.test(text));
  return ({ name, description }) => {
    const own = name.slice(name.indexOf('/') + 1);
    if (name === typed || own === typed) return 'name';
    if (name.startsWith(typed) || own.startsWith(typed)) return 'namePrefix';
    if (all(prefixes, name)) return all(whole, name) ? 'word' : 'wordPrefix';
    return all(prefixes, fold(description)) ? 'description' : 'overview';
  };
}
