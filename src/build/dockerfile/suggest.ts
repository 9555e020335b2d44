/** A match further away than this many edits is no suggestion. */
const farthest = 2;

/**
 * ` (did you mean RUN?)` for a word that is nearly one of the options, else nothing.
 *
 * @param options.ignoreCase compares without case, and suggests in the case of the word
 */
export function suggestion(
  word: string,
  known: readonly string[],
  options: { readonly ignoreCase?: boolean } = {},
): string {
  const wanted = options.ignoreCase ? word.toLowerCase() : word;
  const near = known
    .map((name) => ({ name, away: distance(wanted, options.ignoreCase ? name.toLowerCase() : name) }))
    .filter(({ away }) => away <= farthest)
    .sort((a, b) => a.away - b.away)[0];
  if (near === undefined || near.away === 0) return '';
  const name = options.ignoreCase ? inCaseOf(word, near.name) : near.name;
  return ` (did you mean ${name}?)`;
}

function inCaseOf(word: string, name: string): string {
  if (word === word.toLowerCase()) return name.toLowerCase();
  return word === word.toUpperCase() ? name.toUpperCase() : name.toLowerCase();
}

/** Levenshtein's distance; what differs in length by more than `farthest` is not counted out. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > farthest) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
