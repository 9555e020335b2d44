import type { HostConfig } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { RuntimeSeccomp } from '#oci/runtime-spec.ts';
import type { HostFacts } from './host.ts';

/** `--security-opt`, read. Labels (SELinux) are accepted and have no effect. */
export interface SecurityOptions {
  readonly noNewPrivileges: boolean;
  /** The JSON text of a profile, or a word. */
  readonly seccomp: { readonly profile: string } | 'default' | 'unconfined';
  readonly apparmor?: string;
  readonly systemPathsUnconfined: boolean;
}

/** @throws {EngineError} `invalid` in Docker's words */
export function securityOptions(options: readonly string[] | undefined): SecurityOptions {
  let read: SecurityOptions = { noNewPrivileges: false, seccomp: 'default', systemPathsUnconfined: false };
  for (const option of options ?? []) read = { ...read, ...securityOption(option) };
  return read;
}

function securityOption(option: string): Partial<SecurityOptions> {
  if (option === 'no-new-privileges') return { noNewPrivileges: true };
  if (option === 'disable') return {};
  const cut = /^([^=:]*)[=:]([\s\S]*)$/.exec(option);
  if (cut === null) throw invalid(`invalid --security-opt 1: ${JSON.stringify(option)}`);
  const [, key, value] = cut as unknown as [string, string, string];
  switch (key) {
    case 'label':
      return {};
    case 'apparmor':
      return { apparmor: value };
    case 'seccomp':
      return { seccomp: seccompOption(value) };
    case 'systempaths':
      if (value === 'unconfined') return { systemPathsUnconfined: true };
      break;
    case 'writable-cgroups':
      return {};
    case 'no-new-privileges':
      if (isTrue(value) || isFalse(value)) return { noNewPrivileges: isTrue(value) };
  }
  throw invalid(`invalid --security-opt 2: ${JSON.stringify(option)}`);
}

/** Clients send the profile itself, as JSON. */
function seccompOption(value: string): SecurityOptions['seccomp'] {
  if (value === 'unconfined') return 'unconfined';
  if (value === '' || value === 'builtin') return 'default';
  try {
    JSON.parse(value);
    return { profile: value };
  } catch (cause) {
    throw invalid(`Decoding seccomp profile failed: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
}

const isTrue = (text: string) => ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text);
const isFalse = (text: string) => ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text);

/** The filter of a container; none when it is privileged or unconfined. */
export function seccompOf(
  host: HostConfig,
  capabilities: readonly string[],
  facts: HostFacts,
): RuntimeSeccomp | undefined {
  const { seccomp } = securityOptions(host.SecurityOpt);
  if (host.Privileged === true || seccomp === 'unconfined') return undefined;
  if (seccomp !== 'default') return facts.readSeccomp(seccomp.profile, capabilities);
  if (facts.seccompProfile === 'unconfined') return undefined;
  return facts.seccompProfile ?? facts.defaultSeccomp(capabilities);
}

/** What of /proc and /sys a container does not see. */
export const maskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
] as const;

/** What of /proc it may only read. */
export const readonlyPaths = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
] as const;
