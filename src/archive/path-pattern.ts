import { invalid } from '#base/errors.ts';

/**
 * Patterns of paths: `.dockerignore`, `--exclude`, and COPY's wildcards. Matching takes time in proportion to pattern times
 * path, whatever either is.
 */

type Token =
  | { readonly kind: 'character'; readonly character: string }
  /** `?` */
  | { readonly kind: 'one' }
  /** `*`: anything but slashes. */
  | { readonly kind: 'many' }
  /** `**` at the end: anything. */
  | { readonly kind: 'all' }
  /** `**` before more: any directories, or none. */
  | { readonly kind: 'directories' }
  | {
      readonly kind: 'class';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [string, string])[];
    };

/** A pattern ready to be matched. */
class Pattern {
  readonly #tokens: readonly Token[];

  constructor(text: string, options: { readonly doubleStar: boolean }) {
    this.#tokens = tokensOf(text, options.doubleStar);
  }

  matches(path: string): boolean {
    const tokens = this.#tokens;
    // state 2i: before token i; 2i + 1: in the middle of a run of directories
    let states = closed([0], tokens);
    for (const character of path) {
      const next: number[] = [];
      for (const state of states) step(state, character, tokens, next);
      if (next.length === 0) return false;
      states = closed(next, tokens);
    }
    return states.has(2 * tokens.length);
  }
}

function step(state: number, character: string, tokens: readonly Token[], next: number[]): void {
  const token = tokens[state >> 1];
  if (token === undefined) return;
  switch (token.kind) {
    case 'character':
      if (token.character === character) next.push(state + 2);
      break;
    case 'one':
      if (character !== '/') next.push(state + 2);
      break;
    case 'many':
      if (character !== '/') next.push(state);
      break;
    case 'all':
      next.push(state);
      break;
    case 'directories':
      next.push(state | 1);
      if (character === '/') next.push((state & ~1) + 2);
      break;
    case 'class': {
      const code = character.codePointAt(0)!;
      const inside = token.ranges.some(
        ([low, high]) => code >= low.codePointAt(0)! && code <= high.codePointAt(0)!,
      );
      if (inside !== token.negated) next.push(state + 2);
    }
  }
}

/** States with those that are reached without a character. */
function closed(states: readonly number[], tokens: readonly Token[]): ReadonlySet<number> {
  const all = new Set<number>();
  for (let state of states)
    for (;;) {
      if (all.has(state)) break;
      all.add(state);
      const kind = tokens[state >> 1]?.kind;
      const isOptional = kind === 'many' || kind === 'all' || kind === 'directories';
      if (!isOptional || (state & 1) === 1) break;
      state += 2;
    }
  return all;
}

function tokensOf(text: string, doubleStar: boolean): readonly Token[] {
  const characters = [...text];
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at]!;
    if (character === '*' && doubleStar && characters[at + 1] === '*') {
      at += characters[at + 2] === '/' ? 2 : 1;
      tokens.push({ kind: at + 1 >= characters.length || isSuffix(characters, at) ? 'all' : 'directories' });
    } else if (character === '*') tokens.push({ kind: 'many' });
    else if (character === '?') tokens.push({ kind: 'one' });
    else if (character === '[') at = classAt(characters, at, tokens);
    else if (character === '\\') {
      at += 1;
      if (at === characters.length) throw malformed();
      tokens.push({ kind: 'character', character: characters[at]! });
    } else tokens.push({ kind: 'character', character });
  }
  return tokens;
}

/** Whether `**` up to there begins the pattern and plain characters follow at once: `**.c` is any name that ends so. */
const isSuffix = (characters: readonly string[], end: number): boolean =>
  end === 1 && !isPattern(characters.slice(2).join(''));

/** Go's `[^a-z]`. @returns where it ends */
function classAt(characters: readonly string[], start: number, tokens: Token[]): number {
  let at = start + 1;
  const negated = characters[at] === '^';
  if (negated) at += 1;
  const ranges: (readonly [string, string])[] = [];
  const member = (): string => {
    const isEscaped = characters[at] === '\\';
    if (isEscaped) at += 1;
    const found = characters[at];
    if (found === undefined || (!isEscaped && (found === '-' || found === ']'))) throw malformed();
    at += 1;
    return found;
  };
  while (characters[at] !== ']' || ranges.length === 0) {
    if (at >= characters.length) throw malformed();
    const low = member();
    if (characters[at] !== '-') {
      ranges.push([low, low]);
      continue;
    }
    at += 1;
    ranges.push([low, member()]);
  }
  tokens.push({ kind: 'class', negated, ranges });
  return at;
}

const malformed = () => invalid('syntax error in pattern');

/**
 * Go's `filepath.Match`: `*` and `?` stop at slashes, `[a-z]`, `[^a]`, `\\` before a character that is itself.
 *
 * @throws {EngineError} `invalid` for a pattern that ends too early
 */
export const matchPath = (pattern: string, path: string): boolean =>
  new Pattern(pattern, { doubleStar: false }).matches(path);

/** Whether a text has what makes it a pattern. */
export const isPattern = (text: string): boolean => /[*?[\\]/.test(text);

interface Rule {
  readonly pattern: Pattern;
  readonly isException: boolean;
  /** What stands before its first wildcard, component by component. */
  readonly fixed: readonly string[];
}

/** What a `.dockerignore` says of paths, relative, with slashes. */
export interface IgnorePatterns {
  /** Whether a path is left out: the last rule that matches it, or a directory above it, counts. */
  ignores(path: string): boolean;
  /** Whether something in a directory that is left out may be taken in again. */
  mayHoldExceptions(directory: string): boolean;
  readonly isEmpty: boolean;
}

/**
 * Reads a `.dockerignore`.
 *
 * @see Dockerfile reference, .dockerignore file
 * @throws {EngineError} `invalid`: `illegal exclusion pattern: "!"`, a syntax error
 */
export function ignorePatterns(text: string): IgnorePatterns {
  const lines = text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return patternsOf(lines);
}

/** `--exclude` of COPY and ADD: patterns relative to what is copied. */
export const excludePatterns = (patterns: readonly string[]): IgnorePatterns =>
  patternsOf(patterns.map((text) => text.trim()).filter((text) => text !== ''));

function patternsOf(lines: readonly string[]): IgnorePatterns {
  const rules = lines.flatMap(ruleOf);
  const exceptions = rules.filter(({ isException }) => isException);
  return {
    isEmpty: rules.length === 0,
    ignores: (path) => {
      const parents = prefixesOf(path);
      let ignored = false;
      for (const { pattern, isException } of rules)
        if (ignored === isException && parents.some((prefix) => pattern.matches(prefix)))
          ignored = !isException;
      return ignored;
    },
    mayHoldExceptions: (directory) => {
      const components = directory.split('/');
      return exceptions.some(({ fixed }) =>
        fixed.every((part, at) => at >= components.length || components[at] === part),
      );
    },
  };
}

function ruleOf(line: string): Rule[] {
  const isException = line.startsWith('!');
  const written = (isException ? line.slice(1) : line).trim();
  const text = cleaned(written);
  if (isException && text === '' && (written === '' || written.startsWith('/')))
    throw invalid('illegal exclusion pattern: "!"');
  if (text === '' || text === '.') return [];
  const components = text.split('/');
  const wild = components.findIndex((component) => isPattern(component));
  return [
    {
      pattern: new Pattern(text, { doubleStar: true }),
      isException,
      fixed: wild < 0 ? components : components.slice(0, wild),
    },
  ];
}

/** As Go's `filepath.Clean`, without a slash before it. */
export function cleaned(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !path.startsWith('/')) parts.push(part);
  }
  return parts.join('/');
}

/** A path and every directory above it, shortest first. */
function prefixesOf(path: string): readonly string[] {
  const prefixes: string[] = [];
  for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) prefixes.push(path.slice(0, at));
  prefixes.push(path);
  return prefixes;
}
