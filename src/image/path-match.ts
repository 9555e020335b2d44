import { invalid } from '#base/errors.ts';

/**
 * Go's `path.Match`, by which Docker filters references: `*` and `?` stop at a slash, `[a-z]` and `\\` as usual.
 *
 * @throws {EngineError} `invalid` for a pattern that ends too early
 */
export function pathMatches(pattern: string, text: string): boolean {
  return matcherOf(pattern).test(text);
}

function matcherOf(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at += 1) {
    const char = pattern[at]!;
    if (char === '*') source += '[^/]*';
    else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const end = classEnd(pattern, at);
      source += classOf(pattern.slice(at + 1, end));
      at = end;
    } else if (char === '\\') {
      at += 1;
      if (at === pattern.length) throw malformed();
      source += escaped(pattern[at]!);
    } else source += escaped(char);
  }
  return new RegExp(`^${source.replace(/(\[\^\/\]\*)+/g, '[^/]*')}$`, 's');
}

function classEnd(pattern: string, start: number): number {
  const from = pattern[start + 1] === '^' ? start + 3 : start + 2;
  for (let at = from; at < pattern.length; at += 1) {
    if (pattern[at] === '\\') at += 1;
    else if (pattern[at] === ']') return at;
  }
  throw malformed();
}

function classOf(body: string): string {
  const negated = body.startsWith('^');
  const members = (negated ? body.slice(1) : body).replace(/\\?(.)/gs, (whole, char: string) =>
    whole.length === 1 && char === '-' ? '-' : escaped(char),
  );
  try {
    return new RegExp(`[${negated ? '^' : ''}${members}]`).source;
  } catch {
    throw malformed();
  }
}

const escaped = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/-]/, '\\$&');

const malformed = () => invalid('syntax error in pattern');
