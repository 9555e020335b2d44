import { invalid } from '#base/errors.ts';
import { heredocOf } from './heredoc.ts';
import type { Heredoc } from './syntax.ts';

/** Sources and destination of a COPY or ADD; heredocs are those of the sources, in order. */
export interface CopyWords {
  readonly sources: readonly string[];
  readonly destination: string;
  readonly heredocs: readonly Heredoc[];
}

/** @throws {EngineError} `invalid`: one word only, a heredoc as destination */
export function copyWords(
  kind: 'COPY' | 'ADD',
  words: readonly string[],
  documents: readonly Heredoc[],
): CopyWords {
  const destination = words.at(-1);
  if (destination === undefined || words.length < 2)
    throw invalid(
      `${kind} requires at least two arguments, but only one was provided. Destination could not be determined`,
    );
  if (heredocOf(destination) !== undefined) throw invalid(`${kind} cannot accept a heredoc as a destination`);
  const left = [...documents];
  const heredocs: Heredoc[] = [];
  const sources = words.slice(0, -1).map((word) => {
    const opening = heredocOf(word);
    if (opening === undefined) return word;
    // in JSON form none is read: such a source is an empty file
    const document = left.shift() ?? { ...opening, content: '' };
    heredocs.push(document);
    return `<<${document.name}`;
  });
  // quotes hide blanks where heredocs are looked for, but not where COPY splits its words
  if (left.length > 0) throw invalid(`${kind}: the name of a heredoc can not hold blanks`);
  return { sources, destination, heredocs };
}
