import { Failure } from '../command.ts';
import * as platform from '../platform.ts';
import type { Scope } from '../template/execute.ts';
import { alignColumns, fitColumns } from './columns.ts';

/**
 * What a list shows of one thing: values by field name, worked out when asked for. A function takes a template's
 * arguments and is left out of JSON.
 */
export type Row = Readonly<Record<string, unknown>>;

export interface Listing {
  /** `table`, `table TEMPLATE`, `json`, or a template. */
  readonly format: string;
  /** The fields of the plain table, left to right. */
  readonly columns: readonly string[];
  /** What stands above each field. */
  readonly headers: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
  /** What Go calls a row, in messages. */
  readonly goType: string;
  /** The terminal that the plain table is to fit; undefined leaves it as wide as it is. */
  readonly width?: number | undefined;
  /** The template that `raw` stands for. */
  readonly raw?: string;
  /** What Docker calls a template that fails, where it is not the usual. */
  readonly problem?: string;
}

/** The width for tables that may be shortened: a terminal's, unless nothing may be cut. */
export const tableWidth = (flags: { readonly 'no-trunc': boolean }): number | undefined =>
  flags['no-trunc'] || !platform.stdout.isTerminal ? undefined : platform.stdout.columns || undefined;

/** A list as text: a table, JSON lines, or what a template makes of each row. */
export async function listingText(listing: Listing): Promise<string> {
  const { format, columns, headers, rows, width } = listing;
  if (format === 'table' || format === '') {
    const title = columns.map((name) => headers[name] ?? name);
    const cells = rows.map((row) => columns.map((name) => String(row[name])));
    const lines = [title, ...cells];
    const shown = width === undefined ? lines : fitColumns(lines, width);
    return alignColumns(shown.map((line) => `${line.join('\t')}\n`).join(''));
  }
  if (format === 'json') {
    const { escapedJson } = await import('../template/functions.ts');
    return rows.map((row) => `${escapedJson(rowJson(row))}\n`).join('');
  }
  return templated(listing);
}

/**
 * Executes a template on a row that is shown to nobody: so that one that fails does so whatever there is to list.
 *
 * @throws {Failure} in Docker's words. It takes `table` for text of the template, which counts in the place it names.
 */
export async function checkTemplate(format: string, row: Row, goType: string): Promise<void> {
  const { compile, execute } = await import('../template/execute.ts');
  const template = attempt('failed to parse template', () => compile(unescaped(format)));
  const scope = { field: (value: unknown, name: string) => rowField(value, name, goType) };
  attempt('failed to execute template', () => execute(template, row, scope));
}

const unescaped = (source: string): string => source.replaceAll('\\t', '\t').replaceAll('\\n', '\n');

async function templated({ format: given, headers, rows, goType, raw, problem }: Listing): Promise<string> {
  const { compile, execute } = await import('../template/execute.ts');
  const { escapedJson, goJson } = await import('../template/functions.ts');
  const format = given === 'raw' && raw !== undefined ? raw : given;
  const isTable = /^table\s/.test(format);
  const source = unescaped(isTable ? format.slice(5).trim() : format);
  const scope = { field: (value: unknown, name: string) => rowField(value, name, goType) };
  const template = attempt('failed to parse template', () => compile(source));
  // a whole row is JSON as `--format json` has it
  const json = (value: unknown) =>
    rows.includes(value as Row) ? escapedJson(rowJson(value as Row)) : goJson(value);
  const line = (row: Row, functions: Scope['functions'] = { json }) =>
    attempt(
      problem ?? 'failed to execute template',
      () => `${execute(template, row, { ...scope, functions })}\n`,
    );
  const lines = rows.map((row) => line(row));
  if (!isTable) return lines.join('');
  return alignColumns([line(headerRow(headers), titleFunctions), ...lines].join(''));
}

function attempt<T>(what: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new Failure(`${what}: ${(error as Error).message}`);
  }
}

const same = (title: unknown) => title;

/** A title stays as it is, whatever is done to the values below it. */
const titleFunctions = {
  json: same,
  title: same,
  lower: same,
  upper: same,
  truncate: same,
  split: (title: unknown) => [title],
  join: (titles: unknown) => (titles as unknown[])[0],
};

/** A row whose values are the titles: a function's title is its argument's last part, as `Label "a.b"` gives `b`. */
function headerRow(headers: Readonly<Record<string, string>>): Row {
  const label = (name: unknown) => String(name).replaceAll('-', ' ').replaceAll('_', ' ').split('.').at(-1);
  return { ...headers, Label: label };
}

function rowField(value: unknown, name: string, goType: string): unknown {
  if (value !== null && typeof value === 'object' && name in value) return (value as Row)[name];
  throw new Error(`can't evaluate field ${name} in type ${typeof value === 'string' ? 'string' : goType}`);
}

function rowJson(row: Row): Record<string, unknown> {
  const names = Object.keys(row).filter((name) => typeof row[name] !== 'function');
  return Object.fromEntries(names.sort().map((name) => [name, row[name]]));
}
