import { invalid } from '#base/errors.ts';
import type { RepositoryRecord } from '../records/index.ts';

const mostPatterns = 50;
const pattern = /^[\w.*?-]{1,128}$/;

/**
 * Patterns of tags that are never moved: `*` is any characters, also none, `?` is one.
 *
 * @throws {EngineError} `invalid` naming the one that is wrong
 */
export function checkTagPatterns(patterns: readonly string[]): readonly string[] {
  if (patterns.length > mostPatterns)
    throw invalid(`A repository has at most ${mostPatterns} patterns of immutable tags`);
  const odd = patterns.find((one) => !pattern.test(one));
  if (odd !== undefined)
    throw invalid(
      `${JSON.stringify(odd.slice(0, 200))} is no pattern of tags: letters, digits, "_", ".", "-", "*" and "?", at most 128`,
    );
  return [...new Set(patterns)];
}

export const tagPatternsOf = (repository: Pick<RepositoryRecord, 'immutableTags'>): readonly string[] =>
  repository.immutableTags;

/** Whether a tag, once there, stays what it is. */
export const isImmutableTag = (patterns: readonly string[], tag: string): boolean =>
  patterns.some((one) => fits(one, tag));

/** Steps back to the last `*` only, so that its time is at most the product of both lengths. */
function fits(pattern: string, tag: string): boolean {
  let at = 0;
  let star = -1;
  let starAt = 0;
  for (let i = 0; i < tag.length; ) {
    if (pattern[at] === '*') {
      star = at++;
      starAt = i;
    } else if (at < pattern.length && (pattern[at] === '?' || pattern[at] === tag[i])) {
      at++;
      i++;
    } else if (star >= 0) {
      at = star + 1;
      i = ++starAt;
    } else return false;
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
