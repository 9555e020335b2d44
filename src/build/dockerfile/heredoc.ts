import { rawWords, wordsOf, wordsWithQuotes } from './expand.ts';

/** `<<EOF` on a line, before its document was read. */
export interface HeredocOpening {
  readonly name: string;
  readonly expand: boolean;
  readonly chomp: boolean;
}

/** The heredocs that a line opens, in order. */
export const heredocsOf = (line: string): readonly HeredocOpening[] =>
  line.includes('<<') ? lexed(() => rawWords(line)).flatMap((word) => heredocOf(word) ?? []) : [];

/** A word that opens a heredoc: `<<EOF`, `3<<-"EOF"`; undefined when it is none. */
export function heredocOf(word: string): HeredocOpening | undefined {
  const [, dash, rest] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? [];
  if (rest === undefined) return undefined;
  const names = lexed(() => wordsOf(rest));
  if (names.length !== 1) return undefined;
  const [name] = names;
  // an escape in the name takes nothing from the document, quotes do
  return { name: name!, expand: wordsWithQuotes(rest)[0] === name, chomp: dash === '-' };
}

/** Where quotes do not end, that is a matter of the shell, or part of a file's name: there is no heredoc. */
function lexed(words: () => readonly string[]): readonly string[] {
  try {
    return words();
  } catch {
    return [];
  }
}
