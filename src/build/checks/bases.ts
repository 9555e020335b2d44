import { formatPlatform, type Platform, parsePlatform } from '#oci/platform.ts';
import { parseReference } from '#oci/reference.ts';
import { expandWord, type Lookup } from '../dockerfile/expand.ts';
import { suggestion } from '../dockerfile/suggest.ts';
import type { Dockerfile, Stage } from '../dockerfile/syntax.ts';
import { type BuildArguments, globalArguments } from '../solve/arguments.ts';
import type { Report } from './report.ts';

/** Variables of FROM: the ARGs before the first one, and the platforms. */
export interface GlobalScope {
  readonly lookup: Lookup;
  readonly names: readonly string[];
  readonly values: ReadonlyMap<string, string | undefined>;
}

export function globalScope(
  dockerfile: Dockerfile,
  given: BuildArguments,
  platform: ReadonlyMap<string, string>,
): GlobalScope {
  const { escape: escapeCharacter } = dockerfile.directives;
  const values = globalArguments(dockerfile, {
    given,
    platform,
    expand: (text, lookup) => expandWord(text, lookup, { escape: escapeCharacter }),
  });
  return {
    values,
    names: [...new Set([...values.keys(), ...platform.keys()])],
    lookup: (name) => values.get(name) ?? platform.get(name),
  };
}

/** A word of FROM with its variables, and which they were. */
export function expandFrom(
  text: string,
  { lookup }: GlobalScope,
  { directives }: Dockerfile,
): { readonly text: string; readonly matched: ReadonlySet<string>; readonly unmatched: ReadonlySet<string> } {
  const matched = new Set<string>();
  const unmatched = new Set<string>();
  const report = (name: string, value: string | undefined) =>
    (value === undefined ? unmatched : matched).add(name);
  return { text: expandWord(text, lookup, { escape: directives.escape, report }), matched, unmatched };
}

/** Whether bases are images' names even when a client gives no arguments. */
export function checkDefaultBases(
  dockerfile: Dockerfile,
  platform: ReadonlyMap<string, string>,
  report: Report,
): void {
  const scope = globalScope(dockerfile, new Map(), platform);
  for (const { from } of dockerfile.stages)
    if (!isReference(expandFrom(from.base, scope, dockerfile).text))
      report.add('InvalidDefaultArgInFrom', from.location, from.base);
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}

/** The variables and the platform of a stage's FROM. */
export function checkBase(dockerfile: Dockerfile, { from }: Stage, scope: GlobalScope, report: Report): void {
  const base = expandFrom(from.base, scope, dockerfile);
  const platform = from.platform === undefined ? undefined : expandFrom(from.platform, scope, dockerfile);
  for (const name of [...base.unmatched, ...(platform?.unmatched ?? [])])
    if (!scope.names.includes(name))
      report.add('UndefinedArgInFrom', from.location, name, suggestion(name, scope.names));
  if (platform === undefined) return;
  const { matched, unmatched, text } = platform;
  if (matched.size + unmatched.size === 0) {
    if (isConstant(text, from.name ?? '')) report.add('FromPlatformFlagConstDisallowed', from.location, text);
  } else if (
    matched.size === 1 &&
    unmatched.size === 0 &&
    matched.has('TARGETPLATFORM') &&
    text === scope.lookup('TARGETPLATFORM')
  )
    report.add('RedundantTargetPlatform', from.location, from.platform!);
}

/** A stage that has the platform in its name is meant for it. */
function isConstant(text: string, stageName: string): boolean {
  const platform = readPlatform(text);
  if (platform === undefined) return false;
  const name = stageName.toLowerCase();
  return !name.includes(platform.os) && !name.includes(platform.architecture);
}

export function readPlatform(text: string): Platform | undefined {
  try {
    return parsePlatform(text);
  } catch {
    return undefined;
  }
}

/** Whether an image that was taken as a base is of the platform that it should be. */
export function checkBasePlatform(
  { from }: Stage,
  names: { readonly base: string; readonly expected: Platform; readonly actual: Platform },
  report: Report,
): void {
  const { base, expected, actual } = names;
  if (expected.os === actual.os && expected.architecture === actual.architecture) return;
  report.add(
    'InvalidBaseImagePlatform',
    from.location,
    base,
    formatPlatform(expected),
    formatPlatform(actual),
  );
}
