import type { HostConfig } from '#api/index.ts';
import type { RuntimeProcess } from '#oci/runtime-spec.ts';
import type { GrantedCapabilities, HostFacts } from './host.ts';

/**
 * The capabilities of a container, and what it asked for in vain.
 *
 * @throws {EngineError} `invalid` for a name that is no capability's
 */
export function grantedTo(
  { CapAdd: add, CapDrop: drop, Privileged: privileged }: HostConfig,
  facts: HostFacts,
): GrantedCapabilities {
  return facts.grantCapabilities({ add: add ?? [], drop: drop ?? [], privileged: privileged === true });
}

/**
 * The sets of a process. A user other than root starts with none in force, though a set-user-ID program may still gain
 * those of the bounding set; nothing is inheritable.
 */
export function capabilitySets(
  names: readonly string[],
  uid: number,
): NonNullable<RuntimeProcess['capabilities']> {
  const inForce = uid === 0 ? names : [];
  return { bounding: names, effective: inForce, permitted: inForce, inheritable: [], ambient: [] };
}
