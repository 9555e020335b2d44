import { createHash } from 'node:crypto';
import { type Digest, digestOf } from '#oci/digest.ts';

/**
 * What a step is made of, each input's digest by its name for people: `step before`, `argument FOO`, `file src/a.c`,
 * `mount /root/.cache`. The same inputs are the same step, whoever builds it.
 */
export type StepInputs = ReadonlyMap<string, string>;

/** Changes whenever a step of the same inputs would give something else. */
const version = 'hoist.step.v1';

/** The key of a step. Order counts for nothing. */
export function stepKey(inputs: StepInputs): Digest {
  const hash = createHash('sha256').update(version);
  for (const [name, value] of [...inputs].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`\0${name.length}:${name}\0${value.length}:${value}`);
  return `sha256:${hash.digest('hex')}`;
}

/** A value that may be long or secret, as an input. */
export const inputOf = (value: unknown): string =>
  digestOf(typeof value === 'string' ? value : JSON.stringify(value)).slice(7, 39);
