import { UsageError } from './command.ts';
import type { Flag, Given } from './command-line.ts';

export const formatFlag: Flag = {
  name: 'format',
  kind: 'text',
  help: 'Print a table, or a line of JSON for each ("table" | "json")',
  standard: '"table"',
};

type Columns<T> = Readonly<Record<string, (row: T) => string>>;

/** Rows as `--format` asks for them. @throws {UsageError} */
export function printed<T>(given: Given, rows: readonly T[], columns: Columns<T>): string {
  const format = given.text('format') ?? 'table';
  if (format === 'json') return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  if (format !== 'table')
    throw new UsageError(`invalid argument "${format}" for "--format" flag: it is table or json`);
  return tableOf([
    Object.keys(columns),
    ...rows.map((row) => Object.values(columns).map((cell) => cell(row))),
  ]);
}

function tableOf(lines: readonly (readonly string[])[]): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, column) => cell.padEnd(widths[column]! + 3))
          .join('')
          .trimEnd()}\n`,
    )
    .join('');
}

/** `1.5 GB`, as docker shows sizes. */
export function shownBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  for (; value >= 1000 && unit < units.length - 1; unit += 1) value /= 1000;
  return `${unit === 0 ? value : value.toPrecision(3).replace(/\.?0+$/, '')} ${units[unit]}`;
}

/** `3 blobs`, `1 blob`. */
export const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
