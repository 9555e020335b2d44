import { unreadable } from './dockerfile-error.ts';
import type { HeredocOpening } from './heredoc.ts';
import { withoutEnd } from './source.ts';
import type { Heredoc, Location } from './syntax.ts';

/** An instruction on one line: continuations joined, comments and empty lines out. */
export interface LogicalLine {
  readonly text: string;
  readonly location: Location;
  /** Comments directly above, without `#`. */
  readonly comments: readonly string[];
  readonly hasEmptyContinuation: boolean;
}

/** Reads a Dockerfile's lines in order: instructions, and the documents that follow them. */
export class LineReader {
  readonly #lines: readonly string[];
  readonly #escape: string;
  #next: number;

  /** @param from index of the first line to read, behind the directives */
  constructor(lines: readonly string[], escapeCharacter: string, from: number) {
    this.#lines = lines;
    this.#escape = escapeCharacter;
    this.#next = from;
  }

  /** The next instruction; undefined at the end. */
  next(): LogicalLine | undefined {
    let comments: string[] = [];
    for (; this.#next < this.#lines.length; this.#next++) {
      const line = withoutEnd(this.#lines[this.#next]!).trimStart();
      if (line.startsWith('#')) {
        const comment = line.slice(1).trim();
        if (comment === '') comments = [];
        else if (comments.push(comment) > maxComments) comments.shift();
      } else if (line !== '') return this.#joined(comments);
    }
    return undefined;
  }

  #joined(comments: readonly string[]): LogicalLine {
    const first = this.#next;
    const firstLine = withoutEnd(this.#lines[first]!);
    const parts: string[] = [];
    let hasEmptyContinuation = false;
    let part = this.#continued(firstLine.trimStart());
    this.#next++;
    parts.push(part.text);
    while (part.goesOn && this.#next < this.#lines.length) {
      const line = withoutEnd(this.#lines[this.#next++]!);
      const shown = line.trimStart();
      if (shown.startsWith('#')) continue;
      if (shown === '') {
        hasEmptyContinuation = true;
        continue;
      }
      part = this.#continued(line);
      parts.push(part.text);
    }
    return {
      text: parts.join(''),
      location: {
        start: { line: first + 1, column: firstLine.length - firstLine.trimStart().length + 1 },
        end: this.#lastRead(),
      },
      comments,
      hasEmptyContinuation,
    };
  }

  /** A line that ends in one escape character (two stand for one) goes on with the next. */
  #continued(line: string): { readonly text: string; readonly goesOn: boolean } {
    const trimmed = withoutBlanks(line);
    const goesOn = trimmed.endsWith(this.#escape) && trimmed.at(-2) !== this.#escape;
    return goesOn ? { text: trimmed.slice(0, -1), goesOn } : { text: line, goesOn };
  }

  #lastRead(): Location['end'] {
    return { line: this.#next, column: Math.max(1, withoutEnd(this.#lines[this.#next - 1]!).length) };
  }

  /** Reads the documents that a line opened. */
  documents(
    openings: readonly HeredocOpening[],
    line: LogicalLine,
  ): { readonly heredocs: readonly Heredoc[]; readonly location: Location } {
    const heredocs = openings.map((opening) => this.#document(opening, line));
    return { heredocs, location: { start: line.location.start, end: this.#lastRead() } };
  }

  #document(opening: HeredocOpening, line: LogicalLine): Heredoc {
    const content: string[] = [];
    while (this.#next < this.#lines.length) {
      const raw = this.#lines[this.#next++]!;
      const text = opening.chomp ? raw.replace(/^\t+/, '') : raw;
      if (withoutEnd(text) === opening.name) return { ...opening, content: content.join('') };
      content.push(text);
    }
    throw unreadable('unterminated heredoc', {
      start: line.location.start,
      end: this.#lastRead(),
    });
  }
}

/** Without blanks at its end. (A pattern for it takes the square of their number where they are in the middle.) */
function withoutBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  return line.slice(0, end);
}

/** Of those directly above an instruction; further up none describes it. */
const maxComments = 100;
