import { invalid } from '#base/errors.ts';

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
