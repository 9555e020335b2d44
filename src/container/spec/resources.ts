import type { Resources } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { DeviceRule, RuntimeDevice, RuntimeProcess, RuntimeResources } from '#oci/runtime-spec.ts';

/** Finds a device's numbers. @throws {EngineError} when there is no such device */
export type DeviceLookup = (path: string) => { readonly major: number; readonly minor: number };

const cpuPeriodMicroseconds = 100_000;

/** Limits as the runtime takes them; what is zero or unset is left out, so that nothing is written for it. */
export function resources(wanted: Resources, numbers: DeviceLookup): RuntimeResources {
  return withoutUndefined({
    memory: memory(wanted),
    cpu: cpu(wanted),
    pids: pids(wanted),
    blockIO: blockIO(wanted, numbers),
  });
}

function memory(wanted: Resources): RuntimeResources['memory'] {
  return unlessEmpty({
    limit: positive(wanted.Memory),
    reservation: positive(wanted.MemoryReservation),
    swap: wanted.MemorySwap === -1 ? -1 : positive(wanted.MemorySwap),
    swappiness: wanted.MemorySwappiness === -1 ? undefined : wanted.MemorySwappiness,
    disableOOMKiller: wanted.OomKillDisable === true ? true : undefined,
  });
}

function cpu(wanted: Resources): RuntimeResources['cpu'] {
  const nano = positive(wanted.NanoCpus);
  return unlessEmpty({
    shares: positive(wanted.CpuShares),
    period: positive(wanted.CpuPeriod) ?? (nano === undefined ? undefined : cpuPeriodMicroseconds),
    quota:
      nonZero(wanted.CpuQuota) ??
      (nano === undefined ? undefined : Math.trunc((nano * cpuPeriodMicroseconds) / 1e9)),
    realtimePeriod: positive(wanted.CpuRealtimePeriod),
    realtimeRuntime: positive(wanted.CpuRealtimeRuntime),
    cpus: wanted.CpusetCpus || undefined,
    mems: wanted.CpusetMems || undefined,
  });
}

/** 0 and -1 are no limit, which `update` must be able to say. */
function pids(wanted: Resources): RuntimeResources['pids'] {
  if (wanted.PidsLimit === undefined || wanted.PidsLimit === null) return undefined;
  return { limit: wanted.PidsLimit > 0 ? wanted.PidsLimit : -1 };
}

function blockIO(wanted: Resources, numbers: DeviceLookup): RuntimeResources['blockIO'] {
  const rates = (devices: Resources['BlkioDeviceReadBps']) =>
    devices?.length
      ? devices.map(({ Path, Rate }) => ({ ...numbers(Path ?? ''), rate: Rate ?? 0 }))
      : undefined;
  const weights = wanted.BlkioWeightDevice?.map(({ Path, Weight }) => ({
    ...numbers(Path ?? ''),
    weight: Weight ?? 0,
  }));
  return unlessEmpty({
    weight: positive(wanted.BlkioWeight),
    weightDevice: weights?.length ? weights : undefined,
    throttleReadBpsDevice: rates(wanted.BlkioDeviceReadBps),
    throttleWriteBpsDevice: rates(wanted.BlkioDeviceWriteBps),
    throttleReadIOPSDevice: rates(wanted.BlkioDeviceReadIOps),
    throttleWriteIOPSDevice: rates(wanted.BlkioDeviceWriteIOps),
  });
}

/** The devices any container may use: all may be made, few opened. Those of /dev, its terminals and /dev/ptmx. */
const defaultRules: readonly DeviceRule[] = [
  { allow: false, access: 'rwm' },
  { allow: true, type: 'c', access: 'm' },
  { allow: true, type: 'b', access: 'm' },
  ...(
    [
      [1, 3],
      [1, 5],
      [1, 7],
      [1, 8],
      [1, 9],
      [5, 0],
      [5, 2],
    ] as const
  ).map(([major, minor]) => ({ allow: true, type: 'c' as const, major, minor, access: 'rwm' })),
  { allow: true, type: 'c', major: 136, access: 'rwm' },
];

/** Which devices the container's cgroup lets through. */
export function deviceRules(options: {
  readonly privileged: boolean;
  readonly devices: readonly (RuntimeDevice & { readonly access: string })[];
  readonly rules: readonly string[];
}): readonly DeviceRule[] {
  if (options.privileged) return [{ allow: true, access: 'rwm' }];
  const named = options.devices.map(({ type, major, minor, access }) => ({
    allow: true,
    type: type === 'b' ? ('b' as const) : ('c' as const),
    major,
    minor,
    access,
  }));
  return [...defaultRules, ...named, ...options.rules.map(parseDeviceRule)];
}

/** `c 13:* rwm`. @throws {EngineError} `invalid` */
export function parseDeviceRule(text: string): DeviceRule {
  const found = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/.exec(text);
  if (found === null) throw invalid(`invalid device cgroup rule format: '${text}'`);
  const number = (word: string) => (word === '*' ? {} : { value: Number(word) });
  const [major, minor] = [number(found[2]!).value, number(found[3]!).value];
  return {
    allow: true,
    type: found[1] as 'a' | 'b' | 'c',
    ...(major === undefined ? {} : { major }),
    ...(minor === undefined ? {} : { minor }),
    access: found[4]!,
  };
}

/** Limits of processes, the container's own over the engine's defaults. */
export function rlimits(
  wanted: Resources['Ulimits'],
  defaults: Resources['Ulimits'] = [],
): RuntimeProcess['rlimits'] {
  const byName = new Map<string, { type: string; soft: number; hard: number }>();
  for (const { Name = '', Soft = 0, Hard = 0 } of [...defaults, ...(wanted ?? [])])
    byName.set(Name, { type: `RLIMIT_${Name.toUpperCase()}`, soft: Soft, hard: Hard });
  return [...byName.values()];
}

const positive = (value: number | null | undefined) =>
  value !== undefined && value !== null && value > 0 ? value : undefined;
const nonZero = (value: number | undefined) => (value === 0 ? undefined : value);

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

function unlessEmpty<T extends object>(value: T): T | undefined {
  const kept = withoutUndefined(value);
  return Object.keys(kept).length === 0 ? undefined : kept;
}
