import { FormError } from './dockerfile-error.ts';

/** An instruction's line taken apart. */
export interface CommandLine {
  /** As written. */
  readonly command: string;
  readonly flags: readonly string[];
  /** What follows the flags, trimmed. */
  readonly rest: string;
}

/** Keyword, flags and the rest of an instruction on one line. */
export function splitCommand(line: string): CommandLine {
  const text = line.trim();
  const end = text.search(/[\t\v\f\r ]/);
  if (end < 0) return { command: text, flags: [], rest: '' };
  const { flags, rest } = splitFlags(text.slice(end).trimStart());
  return { command: text.slice(0, end), flags, rest: rest.trim() };
}

/** The `--flag=value` words in front; quotes in them are taken away, and a backslash makes the next character plain. */
function splitFlags(text: string): { readonly flags: readonly string[]; readonly rest: string } {
  const flags: string[] = [];
  let at = 0;
  while (text.startsWith('--', at)) {
    const { word, end } = flagWord(text, at);
    at = end;
    if (word === '--') break;
    flags.push(word);
    while (at < text.length && isSpace(text[at]!)) at++;
  }
  return { flags, rest: text.slice(at) };
}

function flagWord(text: string, start: number): { readonly word: string; readonly end: number } {
  let word = '';
  let quote = '';
  let at = start;
  for (; at < text.length; at++) {
    const char = text[at]!;
    if (quote === '' && isSpace(char)) break;
    if (quote === '' ? char === '"' || char === "'" : char === quote) quote = quote === '' ? char : '';
    else if (char !== '\\') word += char;
    else if (at + 1 < text.length) word += text[++at]!;
  }
  return { word, end: at };
}

/** A text in a message, as Go's `%q`; a long one is cut. */
export const quoted = (text: string): string =>
  JSON.stringify(text.length <= longestShown ? text : `${text.slice(0, longestShown)}…`);

const longestShown = 500;

/** As Go's `unicode.IsSpace`. */
export const isSpace = (char: string): boolean =>
  /^[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]$/.test(char);

/** Words between blanks; quotes mean nothing. */
export const blankWords = (text: string): readonly string[] =>
  text === '' ? [] : text.split(/[\t\v\f\r ]+/);

/**
 * Words between blanks, in which quotes and escapes hide blanks; they stay in the words, for expansion to take away.
 */
export function quotedWords(text: string, escapeCharacter: string): readonly string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (quote === '' && isSpace(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
      continue;
    }
    word ??= '';
    if (char === escapeCharacter && quote !== "'") {
      // at the end of the text it stands for nothing
      if (at + 1 < text.length) word += char + text[++at]!;
      continue;
    }
    if (quote === '' && (char === '"' || char === "'")) quote = char;
    else if (char === quote) quote = '';
    word += char;
  }
  if (word) words.push(word);
  return words;
}

/**
 * A JSON array of strings; undefined when the text is no JSON array, and so is meant for the shell.
 *
 * @throws {EngineError} `invalid`: an array of something else
 */
export function jsonWords(text: string): readonly string[] | undefined {
  if (!text.trimStart().startsWith('[')) return undefined;
  const value = parsed(text);
  if (!Array.isArray(value)) return undefined;
  if (!value.every((word) => typeof word === 'string'))
    throw new FormError('when using JSON array syntax, arrays must be comprised of strings only');
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
