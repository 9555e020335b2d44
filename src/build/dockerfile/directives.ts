import { unreadable } from './dockerfile-error.ts';
import { lineAt, withoutEnd } from './source.ts';
import type { Directives, Location } from './syntax.ts';

/** Parser directives, and how many lines they take at the top of the file. */
export interface FoundDirectives {
  readonly directives: Directives;
  readonly lines: number;
}

const names = ['syntax', 'escape', 'check'];

/**
 * The comments at the very top that are `# name=value` of a known name. The first line that is anything else ends them.
 *
 * @throws {DockerfileError} one given twice, a wrong value, a syntax that is not built in
 * @see Dockerfile reference, Parser directives
 */
export function readDirectives(lines: readonly string[]): FoundDirectives {
  const found = new Map<string, { readonly value: string; readonly location: Location }>();
  // a Dockerfile that is a script for a frontend begins with `#!`; only escape= must be on top even then
  const first = lines[0]?.startsWith('#!') ? 1 : 0;
  let index = first;
  for (; index < lines.length; index++) {
    const line = withoutEnd(lines[index]!).trim();
    const [, name, value] = /^#\s*([a-z][a-z0-9]*)\s*=\s*(\S.*)$/is.exec(line) ?? [];
    const key = name?.toLowerCase() ?? '';
    if (!names.includes(key) || value === undefined) break;
    const location = lineAt(index + 1, line.length);
    if (found.has(key)) throw unreadable(`only one ${key} parser directive can be used`, location);
    found.set(key, { value, location });
  }
  const { syntax, escape: escapes, check } = Object.fromEntries(found);
  return {
    lines: index,
    directives: {
      ...(syntax === undefined ? {} : { syntax: syntaxOf(syntax.value, syntax.location) }),
      escape: escapes === undefined || first > 0 ? '\\' : escapeOf(escapes.value, escapes.location),
      ...(check === undefined ? {} : { check: checkOf(check.value, check.location) }),
    },
  };
}

function escapeOf(value: string, location: Location): '\\' | '`' {
  if (value === '\\' || value === '`') return value;
  throw unreadable(`invalid escape token '${value}' does not match \` or \\`, location);
}

/** What this parser is: the 1.x of Docker's own frontend, stable and labs. */
const known =
  /^((index\.)?docker\.io\/)?docker\/dockerfile(-upstream)?(:(latest|labs|experimental|master(-labs|-experimental)?|1(\.\d{1,4}){0,2}(-labs|-experimental|-rc\d{1,3}){0,2}))?(@sha256:[0-9a-f]{64})?$/;

function syntaxOf(value: string, location: Location): string {
  const image = value.split(/\s/, 1)[0]!;
  if (known.test(image)) return image;
  throw unreadable(
    `unsupported syntax ${JSON.stringify(image)}: built in is docker/dockerfile:1, other frontends can not be run`,
    location,
  );
}

/** `skip=A,B;error=true;experimental=all` */
export function checkOf(value: string, location: Location): NonNullable<Directives['check']> {
  let skip: readonly string[] | 'all' = [];
  let experimental: readonly string[] | 'all' | undefined;
  let error = false;
  for (const option of value.split(';')) {
    const [key = '', ...rest] = option.split('=');
    const given = rest.join('=').trim();
    if (rest.length === 0) throw unreadable(`invalid check option ${JSON.stringify(option)}`, location);
    if (key.trim() === 'skip') skip = rulesOf(given);
    else if (key.trim() === 'experimental') experimental = rulesOf(given);
    else if (key.trim() === 'error') error = booleanOf(given, option, location);
    else throw unreadable(`invalid check option ${JSON.stringify(key.trim())}`, location);
  }
  return { skip, error, ...(experimental === undefined ? {} : { experimental }) };
}

const rulesOf = (text: string): readonly string[] | 'all' =>
  text === 'all' ? 'all' : text.split(',').map((rule) => rule.trim());

function booleanOf(text: string, option: string, location: Location): boolean {
  if (/^(1|t|true)$/i.test(text)) return true;
  if (/^(0|f|false)$/i.test(text)) return false;
  throw unreadable(
    `failed to parse check option ${JSON.stringify(option)}: strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`,
    location,
  );
}
