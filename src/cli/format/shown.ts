import { Failure } from '../command.ts';
import { compile, execute } from '../template/execute.ts';
import { goJson } from '../template/functions.ts';

/** One value as a template, or `json`, shows it. */
export function shown(value: unknown, format: string): string {
  if (format === 'json') return goJson(value);
  const { template, problem } = parsed(format);
  if (template === undefined) throw new Failure(`template parsing error: ${problem}`, 64);
  return execute(template, value, { field: jsonField });
}

function parsed(format: string) {
  try {
    return { template: compile(format), problem: undefined };
  } catch (error) {
    return { template: undefined, problem: (error as Error).message };
  }
}

/**
 * A field of a JSON object by its own name or, as Go's structs have it, by one that differs in case (`.ID` for `Id`).
 * Fields that the daemon leaves out when they are empty have Go's empty value.
 */
export function jsonField(value: unknown, name: string): unknown {
  if (value === null || value === undefined) throw new Error(`nil data; no entry for key "${name}"`);
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new Error(
      `can't evaluate field ${name} in type ${Array.isArray(value) ? '[]interface {}' : typeof value}`,
    );
  }
  const object = value as Record<string, unknown>;
  if (Object.hasOwn(object, name)) return object[name];
  const other = Object.keys(object).find((key) => key.toLowerCase() === name.toLowerCase());
  if (other !== undefined) return object[other];
  if (Object.hasOwn(leftOutWhenEmpty, name)) return leftOutWhenEmpty[name];
  throw new Error(`map has no entry for key "${name}"`);
}

const leftOutWhenEmpty: Readonly<Record<string, unknown>> = {
  Health: null,
  Healthcheck: null,
  SizeRw: null,
  SizeRootFs: null,
  StopSignal: '',
  StopTimeout: null,
  Shell: [],
  Annotations: {},
  Tmpfs: {},
  StorageOpt: {},
  Sysctls: {},
  Mounts: [],
  Init: null,
  MacAddress: '',
  NetworkDisabled: false,
  Variant: '',
  OsVersion: '',
  Descriptor: null,
  ArgsEscaped: false,
  ExposedPorts: {},
  Domainname: '',
};
