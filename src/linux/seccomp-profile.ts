import { arch } from 'node:process';
import { type EngineError, invalid, messageOf } from '#base/errors.ts';
import type { RuntimeSeccomp } from '#oci/runtime-spec.ts';
import { kernelAtLeast } from './kernel-version.ts';

type Rule = NonNullable<RuntimeSeccomp['syscalls']>[number];

/** Docker's profile file: the runtime specification's, with rules that hold only for some machines and containers. */
export interface SeccompProfile extends Omit<RuntimeSeccomp, 'syscalls'> {
  /** The machine's own architecture, and those of its older programs. */
  readonly archMap?: readonly {
    readonly architecture: string;
    readonly subArchitectures?: readonly string[] | null;
  }[];
  readonly syscalls?: readonly ProfileRule[];
}

export interface ProfileRule extends Omit<Rule, 'names'> {
  readonly name?: string;
  readonly names?: readonly string[];
  readonly includes?: RuleFilter;
  readonly excludes?: RuleFilter;
}

/** All of `includes` must hold for a rule to count, and none of `excludes`. */
export interface RuleFilter {
  /** `amd64`, `arm64`. */
  readonly arches?: readonly string[];
  readonly caps?: readonly string[];
  /** `4.8`; of the running kernel. */
  readonly minKernel?: string;
}

/** What a profile's conditions are about. */
export interface SeccompContext {
  /** The container's bounding set: `CAP_CHOWN`, … */
  readonly capabilities: readonly string[];
  /** `uname -r`; this machine's when absent. */
  readonly kernelVersion?: string;
  /** As Go has it: `amd64`, `arm64`; this machine's when absent. */
  readonly arch?: string;
}

const goArch: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
const seccompArch: Readonly<Record<string, string>> = {
  amd64: 'SCMP_ARCH_X86_64',
  arm64: 'SCMP_ARCH_AARCH64',
};

/**
 * Reads the JSON text of a profile (`--security-opt seccomp=FILE`), and keeps the rules that hold for this container.
 *
 * @returns `undefined` for a profile that says nothing, which is none
 * @throws {EngineError} `invalid`: `Decoding seccomp profile failed: …`
 */
export function parseSeccompProfile(json: string, context: SeccompContext): RuntimeSeccomp | undefined {
  return resolveSeccompProfile(decode(json), context);
}

/** The part of a profile that holds for this container, on this machine. */
export function resolveSeccompProfile(
  profile: SeccompProfile,
  context: SeccompContext,
): RuntimeSeccomp | undefined {
  const { archMap, syscalls = [], architectures, ...common } = profile;
  if (!profile.defaultAction && syscalls.length === 0) return undefined;
  if (architectures?.length && archMap?.length) {
    throw invalid(
      "both 'architectures' and 'archMap' are specified in the seccomp profile, use either 'architectures' or 'archMap'",
    );
  }
  const own = context.arch ?? goArch[arch] ?? arch;
  const mapped = archMap?.find(({ architecture }) => architecture === seccompArch[own]);
  const listed = mapped ? [mapped.architecture, ...(mapped.subArchitectures ?? [])] : architectures;
  return {
    ...common,
    ...(listed !== undefined && { architectures: listed }),
    syscalls: syscalls.filter((rule) => holds(rule, context, own)).map(withoutConditions),
  };
}

function holds({ includes, excludes }: ProfileRule, context: SeccompContext, own: string): boolean {
  const has = (capability: string): boolean => context.capabilities.includes(capability);
  const isAtLeast = (minimum: string): boolean => kernelAtLeast(minimum, context.kernelVersion);
  const left =
    excludes?.arches?.includes(own) ||
    excludes?.caps?.some(has) ||
    (excludes?.minKernel !== undefined && isAtLeast(excludes.minKernel));
  if (left) return false;
  const arches = includes?.arches ?? [];
  return (
    (arches.length === 0 || arches.includes(own)) &&
    (includes?.caps ?? []).every(has) &&
    (includes?.minKernel === undefined || isAtLeast(includes.minKernel))
  );
}

function withoutConditions({ name, names = [], action, errnoRet, args }: ProfileRule): Rule {
  if (name && names.length > 0) {
    throw invalid(
      "both 'name' and 'names' are specified in the seccomp profile, use either 'name' or 'names'",
    );
  }
  return {
    names: name ? [name] : names,
    action,
    ...(errnoRet !== undefined && { errnoRet }),
    ...(args != null && { args }),
  };
}

function decode(json: string): SeccompProfile {
  let value: unknown;
  try {
    value = JSON.parse(json, keepWideNumbers);
  } catch (error) {
    throw refused(messageOf(error), error);
  }
  expectShape(value);
  return value;
}

/** 64-bit masks are not all safe in a double: take the digits as they are written. */
function keepWideNumbers(key: string, value: unknown, context?: { readonly source?: string }): unknown {
  const isWide =
    typeof value === 'number' && !Number.isSafeInteger(value) && /^\d+$/.test(context?.source ?? '');
  return isWide && (key === 'value' || key === 'valueTwo') ? BigInt(context!.source!) : value;
}

function expectShape(value: unknown): asserts value is SeccompProfile {
  const profile = object(value, 'profile');
  optional(profile, 'defaultAction', 'string');
  optional(profile, 'defaultErrnoRet', 'number');
  strings(profile['architectures'], 'architectures');
  for (const entry of list(profile['archMap'], 'archMap')) {
    const map = object(entry, 'archMap');
    optional(map, 'architecture', 'string');
    strings(map['subArchitectures'], 'archMap.subArchitectures');
  }
  for (const entry of list(profile['syscalls'], 'syscalls')) expectRule(object(entry, 'syscalls'));
}

function expectRule(rule: Readonly<Record<string, unknown>>): void {
  optional(rule, 'name', 'string');
  optional(rule, 'action', 'string');
  optional(rule, 'errnoRet', 'number');
  strings(rule['names'], 'syscalls.names');
  for (const filter of ['includes', 'excludes']) {
    if (rule[filter] === undefined || rule[filter] === null) continue;
    const conditions = object(rule[filter], `syscalls.${filter}`);
    optional(conditions, 'minKernel', 'string');
    strings(conditions['arches'], `syscalls.${filter}.arches`);
    strings(conditions['caps'], `syscalls.${filter}.caps`);
  }
  for (const entry of list(rule['args'], 'syscalls.args')) {
    const argument = object(entry, 'syscalls.args');
    optional(argument, 'index', 'number');
    optional(argument, 'op', 'string');
    for (const key of ['value', 'valueTwo']) {
      const number = argument[key];
      const isWhole = number === undefined || typeof number === 'bigint' || Number.isInteger(number);
      if (!isWhole) throw refused(`syscalls.args.${key} is not a whole number`);
    }
  }
}

function object(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw refused(`${where} is not an object`);
}

function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw refused(`${where} is not a list`);
}

function strings(value: unknown, where: string): void {
  const all = list(value, where).every((item) => typeof item === 'string');
  if (!all) throw refused(`${where} holds something that is no string`);
}

function optional(of: Readonly<Record<string, unknown>>, key: string, type: 'string' | 'number'): void {
  const value = of[key];
  if (value !== undefined && value !== null && typeof value !== type)
    throw refused(`${key} is not a ${type}`);
}

const refused = (why: string, cause?: unknown): EngineError =>
  invalid(`Decoding seccomp profile failed: ${why}`, cause === undefined ? undefined : { cause });
