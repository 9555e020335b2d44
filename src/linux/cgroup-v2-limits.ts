import { EngineError } from '#base/errors.ts';
import type { RuntimeResources, ThrottleDevice } from '#oci/runtime-spec.ts';
import { writeIfThere } from './cgroup-tree.ts';
import { ioWeightOf, missing, orMax, swapAlone, weightOfShares } from './cgroup-values.ts';
import { attachDevices } from './device-bpf.ts';

type Missed = (warning: string) => void;
/** Writes a control file; where this group has no such file, the warning is kept. */
type Put = (file: string, value: string | number, warning: string) => void;

/** Writes limits to a group of version 2. @returns a warning for each that is missing here */
export function limitV2(directory: string, resources: RuntimeResources): readonly string[] {
  const warnings = new Set<string>();
  const missed: Missed = (warning) => void warnings.add(warning);
  const put: Put = (file, value, warning) => {
    if (writeIfThere(directory, file, value) === 'absent') missed(warning);
  };
  limitDevices(directory, resources, missed);
  limitMemory(directory, resources, put, missed);
  limitCpu(resources, put, missed);
  const { limit: pids = 0 } = resources.pids ?? {};
  if (pids > 0) put('pids.max', pids, missing.pids);
  else if (pids < 0) writeIfThere(directory, 'pids.max', 'max');
  limitBlockIo(directory, resources, put);
  return [...warnings];
}

/** The controllers that limits need. */
export function controllersFor({ memory, cpu, pids, blockIO }: RuntimeResources): readonly string[] {
  const asked: readonly (readonly [string, unknown])[] = [
    ['memory', memory?.limit || memory?.reservation || (memory?.swap ?? 0) > 0],
    ['cpu', cpu?.shares || cpu?.quota || cpu?.period],
    ['cpuset', cpu?.cpus || cpu?.mems],
    ['pids', (pids?.limit ?? 0) > 0],
    ['io', blockIO !== undefined],
  ];
  return asked.filter(([, isAsked]) => Boolean(isAsked)).map(([name]) => name);
}

function limitDevices(directory: string, { devices }: RuntimeResources, missed: Missed): void {
  if (devices === undefined || devices.length === 0) return;
  try {
    attachDevices(directory, devices);
  } catch (error) {
    const ENOSYS = 38; // a kernel without bpf(2) or its cgroup programs; EINVAL likewise
    const EINVAL = 22;
    if (!(error instanceof EngineError) || (error.errno !== ENOSYS && error.errno !== EINVAL)) throw error;
    missed(missing.devices);
  }
}

function limitMemory(directory: string, { memory }: RuntimeResources, put: Put, missed: Missed): void {
  if (memory === undefined) return;
  const swap = swapAlone(memory.limit, memory.swap);
  if (swap === -1) writeIfThere(directory, 'memory.swap.max', 'max');
  else if (swap !== undefined) put('memory.swap.max', swap, missing.swap);
  if (memory.limit) put('memory.max', orMax(memory.limit), missing.memory);
  if (memory.reservation) put('memory.low', orMax(memory.reservation), missing.reservation);
  if (memory.swappiness !== undefined && memory.swappiness >= 0) missed(missing.swappiness);
  if (memory.disableOOMKiller) missed(missing.oomKillDisable);
}

function limitCpu({ cpu }: RuntimeResources, put: Put, missed: Missed): void {
  if (cpu === undefined) return;
  if (cpu.shares) put('cpu.weight', weightOfShares(cpu.shares), missing.shares);
  if (cpu.quota || cpu.period) {
    const defaultPeriodMicroseconds = 100_000;
    const quota = cpu.quota !== undefined && cpu.quota > 0 ? cpu.quota : 'max';
    put('cpu.max', `${quota} ${cpu.period || defaultPeriodMicroseconds}`, missing.quota);
  }
  if (cpu.realtimeRuntime || cpu.realtimePeriod) missed(missing.realtime);
  if (cpu.cpus) put('cpuset.cpus', cpu.cpus, missing.cpuset);
  if (cpu.mems) put('cpuset.mems', cpu.mems, missing.cpuset);
}

function limitBlockIo(directory: string, { blockIO }: RuntimeResources, put: Put): void {
  if (blockIO === undefined) return;
  const weigh = (weight: number, device: string, warning: string): void => {
    // BFQ takes blkio's own range; io.weight is the io.cost model's.
    if (writeIfThere(directory, 'io.bfq.weight', `${device}${weight}`) === 'written') return;
    put('io.weight', `${device || 'default '}${ioWeightOf(weight)}`, warning);
  };
  if (blockIO.weight) weigh(blockIO.weight, '', missing.weight);
  for (const { major, minor, weight } of blockIO.weightDevice ?? []) {
    weigh(weight, `${major}:${minor} `, missing.weightDevice);
  }
  limitRate(blockIO.throttleReadBpsDevice, 'rbps', missing.readBps, put);
  limitRate(blockIO.throttleWriteBpsDevice, 'wbps', missing.writeBps, put);
  limitRate(blockIO.throttleReadIOPSDevice, 'riops', missing.readIops, put);
  limitRate(blockIO.throttleWriteIOPSDevice, 'wiops', missing.writeIops, put);
}

function limitRate(
  devices: readonly ThrottleDevice[] | undefined,
  key: string,
  warning: string,
  put: Put,
): void {
  for (const { major, minor, rate } of devices ?? []) {
    put('io.max', `${major}:${minor} ${key}=${rate > 0 ? rate : 'max'}`, warning);
  }
}
