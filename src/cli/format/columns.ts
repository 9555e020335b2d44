import { ellipsis } from './human.ts';

/**
 * Lays out cells that end in tabs, as Go's tabwriter does: a cell is as wide as the widest of the lines around it that
 * have one there, plus padding. What follows a line's last tab is not padded.
 */
export function alignColumns(text: string, { minimum = 10, padding = 3 } = {}): string {
  const lines = text.split('\n').map((line) => line.split('\t'));
  const widths: number[][] = lines.map(() => []);
  const columns = Math.max(...lines.map((cells) => cells.length - 1));
  for (let column = 0; column < columns; column++) {
    for (let from = 0; from < lines.length; from++) {
      if (!(column < lines[from]!.length - 1)) continue;
      let to = from;
      let width = minimum;
      for (; to < lines.length && column < lines[to]!.length - 1; to++) {
        width = Math.max(width, letters(lines[to]![column]!) + padding);
      }
      for (let line = from; line < to; line++) widths[line]![column] = width;
      from = to;
    }
  }
  return lines.map((cells, line) => alignLine(cells, widths[line]!)).join('\n');
}

function alignLine(cells: readonly string[], widths: readonly number[]): string {
  let text = '';
  cells.forEach((cell, column) => {
    const width = widths[column];
    text += width === undefined ? cell : cell + ' '.repeat(width - letters(cell));
  });
  return text;
}

const letters = (text: string) => (/^[\x00-\x7f]*$/.test(text) ? text.length : [...text].length);

/** No column is made narrower than this. */
const narrowest = 12;

/**
 * Shortens the cells of the widest columns, below their titles, until every line fits a terminal. What cannot be made
 * to fit is left as it is.
 */
export function fitColumns(lines: readonly (readonly string[])[], columns: number): string[][] {
  const [titles = []] = lines;
  const widths = titles.map((_, column) => Math.max(...lines.map((cells) => letters(cells[column] ?? ''))));
  const least = titles.map((title, column) => Math.min(widths[column]!, Math.max(narrowest, letters(title))));
  const whole = () =>
    widths.reduce((sum, width, i) => sum + (i === widths.length - 1 ? width : Math.max(10, width + 3)), 0);
  while (whole() > columns) {
    const widest = widths.reduce(
      (best, width, i) => (width - least[i]! > widths[best]! - least[best]! ? i : best),
      0,
    );
    if (widths[widest] === least[widest]) return lines.map((cells) => [...cells]);
    widths[widest]!--;
  }
  return lines.map((cells) => cells.map((cell, column) => ellipsis(cell, widths[column]!)));
}
