import type { HostConfig } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { RuntimeProcess } from '#oci/runtime-spec.ts';

/** What a container's root may do unless told otherwise. */
export const defaultCapabilities = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
] as const;

/** `net_admin` and `CAP_NET_ADMIN` are one; `ALL` stays. @throws {EngineError} `invalid` for a name the kernel lacks */
export function normalizedCapabilities(
  names: readonly string[] | undefined,
  known: readonly string[],
): string[] {
  return (names ?? []).map((name) => {
    const upper = name.toUpperCase();
    const full = upper === 'ALL' || upper.startsWith('CAP_') ? upper : `CAP_${upper}`;
    if (full !== 'ALL' && !known.includes(full)) throw invalid(`unknown capability: "${full}"`);
    return full;
  });
}

/**
 * The capabilities of a container. `--cap-drop` goes first, then `--cap-add`; with `--cap-add ALL`, only what is dropped
 * by name is missing.
 */
export function capabilitiesOf(host: HostConfig, known: readonly string[]): readonly string[] {
  if (host.Privileged === true) return known;
  const add = normalizedCapabilities(host.CapAdd, known);
  const drop = new Set(normalizedCapabilities(host.CapDrop, known));
  if (add.includes('ALL')) return known.filter((name) => !drop.has(name));
  const base = drop.has('ALL') ? [] : defaultCapabilities.filter((name) => !drop.has(name));
  return [...new Set([...base, ...add])];
}

/**
 * The sets of a process. A user other than root starts with none in force, though a set-user-ID program may still gain
 * those of the bounding set; nothing is inheritable.
 */
export function capabilitySets(names: readonly string[], uid: number): RuntimeProcess['capabilities'] {
  const inForce = uid === 0 ? names : [];
  return { bounding: names, effective: inForce, permitted: inForce, inheritable: [], ambient: [] };
}
