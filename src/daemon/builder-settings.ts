import { invalid } from '#base/errors.ts';
import type { EngineConfig } from '#engine/index.ts';
import { parseBytes } from './values.ts';

type CachePolicy = NonNullable<EngineConfig['buildCache']>;

/**
 * `builder` of daemon.json: how the build cache is collected. Sizes are bytes or text such as `10GB`.
 *
 * @see dockerd, `builder.gc`: of its list of policies, the most that any keeps counts, and the age of the first with one
 * @throws {EngineError} `invalid`
 */
export function builderPolicy(value: unknown): CachePolicy {
  const gc = objectAt(objectAt(value, 'builder')['gc'] ?? {}, 'builder.gc');
  if (gc['enabled'] === false)
    return { maxUsedSpace: 0, minFreeSpace: 0, reservedSpace: 0, unusedSeconds: 0 };
  const rules = Array.isArray(gc['policy'])
    ? gc['policy'].map((rule) => objectAt(rule, 'builder.gc.policy'))
    : [];
  const reserved = sizes(
    [gc, ...rules],
    ['defaultReservedSpace', 'defaultKeepStorage', 'reservedSpace', 'keepStorage'],
  );
  const most = sizes([gc, ...rules], ['defaultMaxUsedSpace', 'maxUsedSpace']);
  const free = sizes([gc, ...rules], ['defaultMinFreeSpace', 'minFreeSpace']);
  const age = rules.map(({ filter }) => ageOf(filter)).find((seconds) => seconds !== undefined);
  return {
    ...(reserved !== undefined && { reservedSpace: reserved }),
    ...(most === undefined ? reserved !== undefined && { maxUsedSpace: reserved } : { maxUsedSpace: most }),
    ...(free !== undefined && { minFreeSpace: free }),
    ...(age !== undefined && { unusedSeconds: age }),
  };
}

function objectAt(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`json: cannot unmarshal the value of ${name} into a Go struct`);
  return value as Readonly<Record<string, unknown>>;
}

/** The largest of what any rule says under one of the names. */
function sizes(
  rules: readonly Readonly<Record<string, unknown>>[],
  names: readonly string[],
): number | undefined {
  const found = rules.flatMap((rule) =>
    names.flatMap((name) => {
      const value = rule[name];
      if (value === undefined || value === '') return [];
      if (typeof value === 'number') return [value];
      if (typeof value === 'string') return [parseBytes(value) as number];
      throw invalid(`builder.gc: ${name} is no size`);
    }),
  );
  return found.length === 0 ? undefined : Math.max(...found);
}

/** `unused-for=2200h`, in seconds. */
function ageOf(filter: unknown): number | undefined {
  const list = Array.isArray(filter) ? filter : [];
  for (const text of list) {
    const found = /^(?:unused-for|until)[=:]{1,2}(\d+)(h|m|s)$/.exec(String(text));
    if (found !== null) return Number(found[1]) * { h: 3600, m: 60, s: 1 }[found[2] as 'h' | 'm' | 's'];
  }
  return undefined;
}
