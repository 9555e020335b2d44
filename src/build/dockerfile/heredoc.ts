import { rawWords, wordsOf, wordsWithQuotes } from './expand.ts';

/** `<<EOF` on a line, before its document was read. */
export interface HeredocOpening {
  readonly name: string;
  readonly expand: boolean;
  readonly chomp: boolean;
}

/** The heredocs that a line opens, in order. @throws {EngineError} `invalid`: a quote in a name that does not end */
export const heredocsOf = (line: string): readonly HeredocOpening[] =>
  line.includes('<<') ? lineWords(line).flatMap((word) => heredocOf(word) ?? []) : [];

/** Words of a line for the shell; quotes that do not end are its matter, then there are none. */
function lineWords(line: string): readonly string[] {
  try {
    return rawWords(line);
  } catch {
    return [];
  }
}

/** A word that opens a heredoc: `<<EOF`, `3<<-"EOF"`; undefined when it is none. */
export function heredocOf(word: string): HeredocOpening | undefined {
  const [, dash, rest] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? [];
  if (rest === undefined) return undefined;
  const names = wordsOf(rest);
  if (names.length !== 1) return undefined;
  const [name] = names;
  // an escape in the name takes nothing from the document, quotes do
  return { name: name!, expand: wordsWithQuotes(rest)[0] === name, chomp: dash === '-' };
}
