import type { CallLocation, CheckResult, CheckSource, Outline, TargetList } from '#api/build-calls.ts';

/** `--call=check` as buildx prints it. */
export function printCheck({ warnings, sources, buildError }: CheckResult): string {
  const count = warnings.length;
  const some = count === 1 ? '1 warning has been found!' : `${count} warnings have been found!`;
  const [source] = sources;
  const found = warnings.map(
    ({ ruleName, url, detail, location }) =>
      `\nWARNING: ${ruleName}${url === '' ? '' : ` - ${url}`}\n${detail}\n${excerpt(source, location)}`,
  );
  const parts = count === 0 ? [] : [`Check complete, ${some}\n`, ...found];
  if (buildError !== undefined)
    parts.push(`${count > 0 ? '\n' : ''}${buildError.message}\n${excerpt(source, buildError.location)}`);
  return parts.length === 0 ? 'Check complete, no warnings found.\n' : parts.join('');
}

const rule = '--------------------';

/** The lines of a location, marked, with some around them, as BuildKit counts these. */
function excerpt(source: CheckSource | undefined, { ranges }: CallLocation): string {
  const [range] = ranges;
  if (source === undefined || range === undefined) return '';
  const lines = textOf(source.data).split('\n');
  const first = range.start.line;
  const last = Math.min(Math.max(range.end.line, first), lines.length);
  if (first < 1 || first > lines.length) return '';
  let [start, end] = [first, last];
  for (let shown = 0; shown < (first === last ? 4 : 2); shown++) {
    if (start > 1) {
      start--;
      shown++;
    }
    if (end !== lines.length) {
      end++;
      shown++;
    }
  }
  const body = lines.slice(start - 1, end).map((line, index) => {
    const number = start + index;
    return ` ${String(number).padStart(3)} | ${number >= first && number <= last ? '>>>' : '   '} ${line}`;
  });
  return `${[`${source.filename}:${first}`, rule, ...body, rule].join('\n')}\n`;
}

const textOf = (base64: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(base64), (each) => each.charCodeAt(0)));

/** `--call=outline` as buildx prints it: nothing of what there is none. */
export function printOutline({ name, description, args = [], secrets = [], ssh = [] }: Outline): string {
  const target = [
    ['TARGET:', name ?? '(default)'],
    ...(description === undefined ? [] : [['DESCRIPTION:', description]]),
  ];
  const needs = (title: string, of: typeof secrets) => [
    [title, 'REQUIRED'],
    ...of.map((need) => [need.name, need.required ? 'true' : '']),
  ];
  const given = args.map((arg) => [arg.name, arg.value ?? '', arg.description ?? '']);
  return [
    name === undefined && description === undefined ? '' : table(target, 1),
    args.length === 0 ? '' : table([['BUILD ARG', 'VALUE', 'DESCRIPTION'], ...given], 3),
    secrets.length === 0 ? '' : table(needs('SECRET', secrets), 3),
    ssh.length === 0 ? '' : table(needs('SSH', ssh), 3),
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('');
}

/** `--call=targets` as buildx prints it. */
export function printTargets({ targets }: TargetList): string {
  const rows = targets.map(({ name = '', description = '', default: isDefault }) => {
    const title = isDefault ? `${name} (default)`.trim() : name;
    return [title, description];
  });
  return table([['TARGET', 'DESCRIPTION'], ...rows], 1);
}

/** Columns as wide as what is widest in them, but for the last. */
function table(rows: readonly (readonly string[])[], padding: number): string {
  const last = (rows[0]?.length ?? 1) - 1;
  const widths = Array.from({ length: last }, (_, at) =>
    Math.max(...rows.map((row) => [...row[at]!].length + padding)),
  );
  const line = (row: readonly string[]) =>
    row.map((cell, at) => (at === last ? cell : cell + ' '.repeat(widths[at]! - [...cell].length))).join('');
  return rows.map((row) => `${line(row)}\n`).join('');
}
