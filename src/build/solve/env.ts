import type { KeyValue } from '../dockerfile/syntax.ts';

/** Sets variables in a list of `NAME=value`: one that is there keeps its place. */
export function envWith(env: readonly string[], pairs: readonly KeyValue[]): readonly string[] {
  const variables = new Map(env.map((variable) => [nameOf(variable), variable]));
  for (const { key, value } of pairs) variables.set(key, `${key}=${value}`);
  return [...variables.values()];
}

const nameOf = (variable: string): string => variable.split('=', 1)[0]!;

/** Variables by name. */
export const envMap = (env: readonly string[]): ReadonlyMap<string, string> =>
  new Map(env.map((variable) => [nameOf(variable), variable.slice(nameOf(variable).length + 1)]));
