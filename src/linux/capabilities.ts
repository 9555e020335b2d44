import { readFileSync } from 'node:fs';
import { invalid } from '#base/errors.ts';

/** Every capability in the order of its number. linux/capability.h */
export const capabilityNames: readonly string[] = `
  CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE
  NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN
  SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE
  MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`
  .trim()
  .split(/\s+/)
  .map((name) => `CAP_${name}`);

const numbers = new Map(capabilityNames.map((name, number) => [name, number]));

/** What a container has unless it asks otherwise: Docker's fourteen. */
export const defaultCapabilities: readonly string[] = `
  CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD NET_RAW SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL
  AUDIT_WRITE`
  .trim()
  .split(/\s+/)
  .map((name) => `CAP_${name}`);

/** @throws {EngineError} `invalid` for a name that is no capability's */
export function capabilityNumber(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw invalid(`unknown capability: "${name}"`);
  return number;
}

/** Capabilities as the kernel's bit mask. */
export const capabilityMask = (names: readonly string[]): bigint =>
  names.reduce((mask, name) => mask | (1n << BigInt(capabilityNumber(name))), 0n);

/** The capabilities in a bit mask, those this program knows. */
export const capabilitiesIn = (mask: bigint): string[] =>
  capabilityNames.filter((_, number) => (mask >> BigInt(number)) & 1n);

/** What a container asks for. */
export interface CapabilityRequest {
  readonly add?: readonly string[];
  readonly drop?: readonly string[];
  readonly privileged?: boolean;
}

/** What it gets, and why that is less than it asked for. */
export interface GrantedCapabilities {
  readonly capabilities: readonly string[];
  readonly warnings: readonly string[];
}

/**
 * `--cap-add`, `--cap-drop` and `--privileged` by Docker's rules: `ALL` in either list counts first, an added one that
 * is also dropped stays, and a privileged container has all whatever it drops.
 *
 * @param possible what can be given at all: `possibleCapabilities()`
 * @throws {EngineError} `invalid`: `invalid CapAdd: unknown capability: "CAP_FOO"`
 */
export function grantCapabilities(
  request: CapabilityRequest,
  possible: readonly string[] = possibleCapabilities(),
): GrantedCapabilities {
  const add = normalised('CapAdd', request.add ?? []);
  const drop = normalised('CapDrop', request.drop ?? []);
  const asked = request.privileged ? capabilityNames : combine(add, drop);
  const lacking = asked.filter((name) => !possible.includes(name));
  const all = request.privileged || add.includes('ALL');
  // `all` is all there is, as dockerd has it; a capability asked for by name or by default is missed.
  const warned = all ? lacking.filter((name) => knownToKernel(name)) : lacking;
  return {
    capabilities: asked.filter((name) => possible.includes(name)),
    warnings:
      warned.length === 0
        ? []
        : [`Capabilities that this engine does not have itself are left out: ${warned.join(', ')}`],
  };
}

function combine(add: readonly string[], drop: readonly string[]): readonly string[] {
  if (add.includes('ALL')) return capabilityNames.filter((name) => !drop.includes(name));
  if (drop.includes('ALL')) return add;
  return [...defaultCapabilities.filter((name) => !drop.includes(name) && !add.includes(name)), ...add];
}

/** Upper case, with `CAP_`, each once. */
function normalised(field: string, names: readonly string[]): string[] {
  return [...new Set(names.map((name) => normalisedName(field, name)))];
}

function normalisedName(field: string, given: string): string {
  const upper = given.toUpperCase();
  if (upper === 'ALL') return upper;
  const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
  if (!numbers.has(name)) throw invalid(`invalid ${field}: unknown capability: "${name}"`);
  return name;
}

/** What this process may hand on: its bounding set. */
export function possibleCapabilities(
  status: string = readFileSync('/proc/self/status', 'utf8'),
): readonly string[] {
  const bounding = /^CapBnd:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return bounding === undefined ? [] : capabilitiesIn(BigInt(`0x${bounding}`));
}

let last: number | undefined;

/** An older kernel has fewer. */
function knownToKernel(name: string): boolean {
  last ??= Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'utf8'));
  return capabilityNumber(name) <= last;
}
