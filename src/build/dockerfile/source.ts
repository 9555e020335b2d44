import { unreadable } from './dockerfile-error.ts';
import type { Location } from './syntax.ts';

/** Bytes of a Dockerfile at most: real ones have a few thousand. */
const maxSize = 4 * 1024 * 1024;

/** Bytes of one line at most, without its end. As BuildKit's scanner has it. */
const maxLine = 65535;

/** A Dockerfile's lines, each with its line end. */
export function readLines(text: string | Uint8Array): readonly string[] {
  const size = typeof text === 'string' ? Buffer.byteLength(text) : text.length;
  if (size > maxSize)
    throw unreadable(`Dockerfile exceeds maximum allowed size of ${maxSize} bytes`, lineAt(1));
  // a byte order mark is taken away here
  const decoded = typeof text === 'string' ? text.replace(/^\uFEFF/, '') : new TextDecoder().decode(text);
  const lines = decoded.split(/(?<=\n)/);
  if (lines[0] === '') lines.shift();
  lines.forEach((line, index) => {
    if (line.length * 3 > maxLine && Buffer.byteLength(withoutEnd(line)) > maxLine)
      throw unreadable(`dockerfile line greater than max allowed size of ${maxLine}`, lineAt(index + 1));
  });
  return lines;
}

/** As an editor shows them: without line ends; the last is empty when the text ends its last line. */
export function shownLines(lines: readonly string[]): readonly string[] {
  const shown = lines.map(withoutEnd);
  return lines.at(-1)?.endsWith('\n') || lines.length === 0 ? [...shown, ''] : shown;
}

/** The line without the `\n` or `\r\n` at its end. */
export function withoutEnd(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === '\n' || line[end - 1] === '\r')) end--;
  return line.slice(0, end);
}

export const lineAt = (line: number, length = 1): Location => ({
  start: { line, column: 1 },
  end: { line, column: Math.max(1, length) },
});
