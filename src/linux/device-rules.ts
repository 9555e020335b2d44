import type { DeviceRule } from '#oci/runtime-spec.ts';

const allow = (
  type: 'b' | 'c',
  major: number | undefined,
  minor: number | undefined,
  access = 'rwm',
): DeviceRule => ({
  allow: true,
  type,
  ...(major !== undefined && { major }),
  ...(minor !== undefined && { minor }),
  access,
});

/**
 * The devices of a container that asks for none: nodes of any may be made, and those that every program expects opened.
 *
 * @see OCI config-linux.md § Default Devices; what dockerd's and runc's lists come to together
 */
export const defaultDeviceRules: readonly DeviceRule[] = [
  { allow: false, type: 'a', access: 'rwm' },
  allow('c', undefined, undefined, 'm'),
  allow('b', undefined, undefined, 'm'),
  allow('c', 1, 3), // null
  allow('c', 1, 5), // zero
  allow('c', 1, 7), // full
  allow('c', 1, 8), // random
  allow('c', 1, 9), // urandom
  allow('c', 5, 0), // tty
  allow('c', 5, 1), // console
  allow('c', 5, 2), // ptmx
  allow('c', 136, undefined), // pts/*
  { allow: false, type: 'c', major: 10, minor: 229, access: 'rwm' }, // fuse
];

/** The rules of a privileged container. */
export const allDevices: readonly DeviceRule[] = [{ allow: true, type: 'a', access: 'rwm' }];

/** A rule as version 1's `devices.allow` and `devices.deny` take it: `c 1:3 rwm`. */
export function ruleLine(rule: DeviceRule): string {
  const number = (value: number | undefined): string =>
    value === undefined || value < 0 ? '*' : String(value);
  if (isForAll(rule)) return 'a';
  return `${rule.type} ${number(rule.major)}:${number(rule.minor)} ${rule.access || 'rwm'}`;
}

/** What a list of rules comes to: a default, and the devices that are otherwise. */
export interface DevicePolicy {
  readonly allowsByDefault: boolean;
  readonly exceptions: readonly DeviceException[];
}

export interface DeviceException {
  readonly type: 'b' | 'c';
  readonly major?: number;
  readonly minor?: number;
  readonly access: string;
}

/**
 * Plays rules as version 1's kernel does: `a` sets the default and forgets the rest; a rule against the default adds to
 * the exceptions, one for it takes away from the exception of the very same device.
 *
 * @see devcgroup_update_access in security/device_cgroup.c
 */
export function devicePolicy(rules: readonly DeviceRule[]): DevicePolicy {
  let allowsByDefault = false;
  const exceptions = new Map<string, DeviceException>();
  for (const rule of rules) {
    if (isForAll(rule)) {
      allowsByDefault = rule.allow;
      exceptions.clear();
    } else {
      amend(exceptions, rule, rule.allow !== allowsByDefault);
    }
  }
  return { allowsByDefault, exceptions: [...exceptions.values()] };
}

function amend(exceptions: Map<string, DeviceException>, rule: DeviceRule, add: boolean): void {
  const type = rule.type === 'b' ? 'b' : 'c';
  const major = known(rule.major);
  const minor = known(rule.minor);
  const key = `${type} ${major}:${minor}`;
  const before = exceptions.get(key)?.access ?? '';
  const change = rule.access || 'rwm';
  const access = [...'rwm'].filter((letter) =>
    add
      ? before.includes(letter) || change.includes(letter)
      : before.includes(letter) && !change.includes(letter),
  );
  if (access.length === 0) exceptions.delete(key);
  else {
    const device = { ...(major !== undefined && { major }), ...(minor !== undefined && { minor }) };
    exceptions.set(key, { type, ...device, access: access.join('') });
  }
}

/** -1 is a wildcard in runtime specs of Go programs. */
const known = (number: number | undefined): number | undefined =>
  number === undefined || number < 0 ? undefined : number;

const isForAll = (rule: DeviceRule): boolean => rule.type === undefined || rule.type === 'a';
