import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';

/** One line of the table. `bar` is what ours ÷ theirs must not exceed, or the figure itself where there is no peer. */
export interface Row {
  readonly work: string;
  readonly ours: string;
  readonly theirs: string;
  readonly figure: number;
  readonly bar: number;
  readonly unit: '×' | 'KB' | 'MB' | 'times the rate';
  readonly runs: number;
}

/** Whether a row reaches its bar: a rate must be at least it, all else at most. */
export const reached = (row: Row): boolean =>
  row.unit === 'times the rate' ? row.figure >= row.bar : row.figure <= row.bar;

const shown = (figure: number, unit: Row['unit']): string =>
  unit === '×'
    ? `${figure.toFixed(3)} ×`
    : unit === 'times the rate'
      ? `${figure.toFixed(1)} ×`
      : `${figure.toFixed(1)} ${unit}`;

/** The rows as a Markdown table, medians of the runs given. */
export function table(rows: readonly Row[]): string {
  const lines = rows.map(
    (row) =>
      `| ${row.work} | ${row.ours} | ${row.theirs} | ${shown(row.figure, row.unit)} | ${row.unit === 'times the rate' ? '≥' : '≤'} ${shown(row.bar, row.unit)} | ${reached(row) ? 'yes' : '**no**'} | ${row.runs} |`,
  );
  return [
    '| work | hoist | peer | measured | bar | reached | runs |',
    '|---|---|---|---|---|---|---|',
    ...lines,
  ].join('\n');
}

/** Puts a run's table at the top of RESULTS.md, above the earlier ones. */
export function keep(rows: readonly Row[], peers: string): void {
  const file = join(import.meta.dirname, 'RESULTS.md');
  const head =
    '# Results\n\nEach table is one run of `npm run bench`: medians, ours and the peer taken in turn on the same machine.\n';
  const earlier = (() => {
    try {
      return readFileSync(file, 'utf8').slice(head.length);
    } catch {
      return '';
    }
  })();
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Linux ${release()}`;
  const title = `\n## ${new Date().toISOString().slice(0, 16).replace('T', ' ')}\n\n${machine}; ${peers}\n\n`;
  writeFileSync(file, `${head}${title}${table(rows)}\n${earlier}`);
}
