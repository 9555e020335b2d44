import { readFileSync } from 'node:fs';
import { invalid, messageOf } from '#base/errors.ts';
import type { EngineConfig } from '#engine/index.ts';
import { builderPolicy } from './builder-settings.ts';
import type { Given } from './command-line.ts';
import { type Flag, flags, keyOf } from './flags.ts';
import { keysWithoutEffect } from './keys-without-effect.ts';
import { parseFileValue, shownValue, type Value } from './values.ts';

/** A daemon.json: its values by the names of the flags they stand for, and its keys that mean nothing here. */
export interface ConfigFile {
  readonly values: ReadonlyMap<string, Value>;
  readonly withoutEffect: readonly string[];
  /** `builder`: a structure, and no flag. */
  readonly builder?: EngineConfig['buildCache'];
}

const none: ConfigFile = { values: new Map(), withoutEffect: [] };

/**
 * Reads a configuration file and holds it against the flags.
 *
 * @param required whether the file must be there
 * @throws {EngineError} `invalid` in dockerd's words: for a key that is none, and for one that is also a flag
 */
export function readConfigFile(path: string, given: Given, required: boolean): ConfigFile {
  try {
    const text = readText(path, required);
    return text === undefined || text.trim() === '' ? none : parseConfig(text, given);
  } catch (cause) {
    throw invalid(`unable to configure the daemon with file ${path}: ${messageOf(cause)}`, { cause });
  }
}

function parseConfig(text: string, given: Given): ConfigFile {
  const document: unknown = JSON.parse(text);
  if (typeof document !== 'object' || document === null || Array.isArray(document))
    throw invalid('json: cannot unmarshal the document into Go value of type map[string]interface {}');
  const entries = Object.entries(document);
  const byKey = new Map(flags.flatMap((flag) => (keyOf(flag) ? [[keyOf(flag)!, flag] as const] : [])));
  const unknown = entries
    .map(([key]) => key)
    .filter((key) => !byKey.has(key) && !keysWithoutEffect.has(key) && key !== 'builder');
  if (unknown.length > 0)
    throw invalid(`the following directives don't match any configuration option: ${unknown.join(', ')}`);
  const known = entries
    .filter(([key]) => byKey.has(key))
    .map(([key, value]) => read(byKey.get(key)!, key, value));
  refuseConflicts(known, given);
  return {
    values: new Map(known.map(({ flag, value }) => [flag.name, value])),
    withoutEffect: entries.map(([key]) => key).filter((key) => keysWithoutEffect.has(key)),
    ...('builder' in document && { builder: builderPolicy(document.builder) }),
  };
}

interface Read {
  readonly flag: Flag;
  readonly key: string;
  readonly value: Value;
}

const read = (flag: Flag, key: string, value: unknown): Read => ({
  flag,
  key,
  value: parseFileValue(flag, key, value),
});

function refuseConflicts(known: readonly Read[], given: Given): void {
  const conflicts = known
    .filter(({ flag }) => given.has(flag.name))
    .map(
      ({ flag, key, value }) =>
        `${key}: (from flag: ${shownValue(given.get(flag.name)!)}, from file: ${shownValue(value)})`,
    );
  if (conflicts.length > 0)
    throw invalid(
      `the following directives are specified both as a flag and in the configuration file: ${conflicts.join(', ')}`,
    );
}

function readText(path: string, required: boolean): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
