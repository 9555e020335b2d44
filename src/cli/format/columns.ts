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
