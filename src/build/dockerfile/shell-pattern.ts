import { invalid } from '#base/errors.ts';

/** One character, any one (`?`), or any many (`*`). A line end is matched by neither. */
type Token = { readonly kind: 'character' | 'one' | 'many'; readonly character?: string };

/** Pattern characters times value characters that matching may cost. */
const maxWork = 16 * 1024 * 1024;

/** `${value#pattern}`, with `longest` `##`. */
export function withoutPrefix(
  value: string,
  pattern: string,
  options: { readonly longest: boolean },
): string {
  const characters = [...value];
  const end = matchEnds(characters, tokensOf(pattern), options.longest)[0]!;
  return end < 0 ? value : characters.slice(end).join('');
}

/** `${value%pattern}`, with `longest` `%%`. */
export function withoutSuffix(
  value: string,
  pattern: string,
  options: { readonly longest: boolean },
): string {
  const characters = [...value].reverse();
  const end = matchEnds(characters, [...tokensOf(pattern)].reverse(), options.longest)[0]!;
  return end < 0 ? value : characters.slice(end).reverse().join('');
}

/** `${value/pattern/text}`, with `all` `//`: the longest match at the first place. */
export function replaced(
  value: string,
  pattern: string,
  options: { readonly by: string; readonly all: boolean },
): string {
  const characters = [...value];
  const ends = matchEnds(characters, tokensOf(pattern), true);
  let result = '';
  let at = 0;
  let lastEnd = -1;
  while (at <= characters.length) {
    const end = ends[at]!;
    // an empty match right behind another one is none
    const matches = end > at || (end === at && at !== lastEnd);
    if (matches) {
      result += options.by;
      lastEnd = end;
      if (!options.all) return result + characters.slice(end).join('');
    }
    if (matches && end > at) at = end;
    else result += characters[at++] ?? '';
  }
  return result;
}

/**
 * For each place of the value where a match of the whole pattern that begins there ends; -1 where there is none.
 * One row of the table is kept: time is the product of both lengths, whatever the pattern.
 */
function matchEnds(value: readonly string[], pattern: readonly Token[], longest: boolean): Int32Array {
  if (value.length * pattern.length > maxWork) throw invalid('pattern and value are too long');
  const ends = new Int32Array(value.length + 1);
  let below = new Int32Array(pattern.length + 1).fill(-1);
  for (let at = value.length; at >= 0; at--) {
    const character = value[at];
    const row = new Int32Array(pattern.length + 1);
    row[pattern.length] = at;
    for (let index = pattern.length - 1; index >= 0; index--) {
      const token = pattern[index]!;
      const isAny = character !== undefined && character !== '\n';
      if (token.kind === 'many') {
        const [none, more] = [row[index + 1]!, isAny ? below[index]! : -1];
        if (none < 0 || more < 0) row[index] = Math.max(none, more);
        else row[index] = longest ? Math.max(none, more) : Math.min(none, more);
      } else {
        const fits = token.kind === 'one' ? isAny : character === token.character;
        row[index] = fits ? below[index + 1]! : -1;
      }
    }
    ends[at] = row[0]!;
    below = row;
  }
  return ends;
}

/** A backslash makes `*`, `?` and itself plain; before `}` and `/` it was for the expansion around the pattern. */
function tokensOf(pattern: string): readonly Token[] {
  const characters = [...pattern];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at]!;
    if (character === '*') tokens.push({ kind: 'many' });
    else if (character === '?') tokens.push({ kind: 'one' });
    else if (character !== '\\') tokens.push({ kind: 'character', character });
    else tokens.push({ kind: 'character', character: escaped(characters[++at], pattern) });
  }
  return tokens;
}

function escaped(character: string | undefined, pattern: string): string {
  if (character !== undefined && '*?\\}/'.includes(character)) return character;
  throw invalid(`invalid pattern (${pattern}) in substitution: invalid escape '\\${character ?? ''}'`);
}
