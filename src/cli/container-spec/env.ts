import * as platform from '../platform.ts';

/** Checks `--env`: a name alone takes its value from this process, if it has one. */
export function readEnv(text: string): string {
  if (text === '' || text.startsWith('=')) throw new Error(`invalid environment variable: ${text}`);
  if (text.includes('=')) return text;
  const inherited = platform.env[text];
  return inherited === undefined ? text : `${text}=${inherited}`;
}

/** The variables of `--env-file` files and of `--env`, in that order. */
export function readEnvs(files: readonly string[], given: readonly string[]): readonly string[] {
  return [...files.flatMap((path) => keyValueLines(path, inheritedLine)), ...given];
}

function inheritedLine(name: string): string | undefined {
  const value = platform.env[name];
  return value === undefined ? undefined : `${name}=${value}`;
}

/** The labels of `--label-file` files and of `--label`. */
export function readLabels(files: readonly string[], given: readonly string[]): Record<string, string> {
  const lines = [...files.flatMap((path) => keyValueLines(path, (name) => name)), ...given];
  return keyValues(lines);
}

/** `a=b` as a record, sorted by name; without `=` the value is empty. */
export function keyValues(lines: readonly string[]): Record<string, string> {
  const values: Record<string, string> = {};
  for (const line of lines) {
    const equals = line.indexOf('=');
    values[equals < 0 ? line : line.slice(0, equals)] = equals < 0 ? '' : line.slice(equals + 1);
  }
  return sorted(values);
}

/** A record with its names in order, as Go writes its maps. */
export const sorted = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** The lines of a file of `name=value`: blank ones and comments (`#`) don't count. */
function keyValueLines(path: string, alone: (name: string) => string | undefined): string[] {
  const text = platform.findText(path);
  if (text === undefined) throw new Error(`open ${path}: no such file or directory`);
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line) => line.replace(/\r$/, '').trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => checkedLine(line, alone))
    .filter((line) => line !== undefined);
}

function checkedLine(line: string, alone: (name: string) => string | undefined): string | undefined {
  const equals = line.indexOf('=');
  const name = equals < 0 ? line.trim() : line.slice(0, equals);
  if (name === '') throw new Error(`no variable name on line '${line}'`);
  if (/\s/.test(name)) throw new Error(`variable '${name}' contains whitespaces`);
  return equals < 0 ? alone(name) : line;
}
