import { EngineError, invalid } from '#base/errors.ts';
import type { RuntimeResources } from '#oci/runtime-spec.ts';
import { readNumber, writeControl, writeIfThere } from './cgroup-tree.ts';
import { missing } from './cgroup-values.ts';
import { ruleLine } from './device-rules.ts';

/** A group's directory in each controller's hierarchy. */
export type Directories = Readonly<Record<string, string | undefined>>;

/** Writes limits to a group of version 1. @returns a warning for each that is missing here */
export function limitV1(directories: Directories, resources: RuntimeResources): readonly string[] {
  const warnings: string[] = [];
  const missed = (warning: string): void => void warnings.push(warning);
  limitDevices(directories['devices'], resources, missed);
  limitMemory(directories['memory'], resources, missed);
  limitCpu(directories['cpu'], resources, missed);
  limitCpuset(directories['cpuset'], resources, missed);
  limitPids(directories['pids'], resources, missed);
  limitBlockIo(directories['blkio'], resources, missed);
  return warnings;
}

type Missed = (warning: string) => void;

function limitDevices(directory: string | undefined, { devices }: RuntimeResources, missed: Missed): void {
  if (devices === undefined || devices.length === 0) return;
  if (directory === undefined) missed(missing.devices);
  else
    for (const rule of devices)
      writeControl(directory, rule.allow ? 'devices.allow' : 'devices.deny', ruleLine(rule));
}

function limitMemory(directory: string | undefined, { memory }: RuntimeResources, missed: Missed): void {
  if (memory === undefined) return;
  if (directory === undefined) {
    if (memory.limit) missed(missing.memory);
    return;
  }
  const put = (file: string, value: number | undefined, warning: string): void => {
    if (value !== undefined && writeIfThere(directory, file, value) === 'absent') missed(warning);
  };
  limitMemoryAndSwap(directory, memory, missed);
  put('memory.soft_limit_in_bytes', memory.reservation || undefined, missing.reservation);
  if (memory.swappiness !== undefined && (memory.swappiness < 0 || memory.swappiness > 100)) {
    throw invalid(`invalid memory swappiness value: ${memory.swappiness} (valid range is 0-100)`);
  }
  put('memory.swappiness', memory.swappiness, missing.swappiness);
  put('memory.oom_control', memory.disableOOMKiller ? 1 : undefined, missing.oomKillDisable);
}

/** The kernel holds memory ≤ memory and swap at every moment, so what grows goes first. */
function limitMemoryAndSwap(
  directory: string,
  memory: NonNullable<RuntimeResources['memory']>,
  missed: Missed,
): void {
  const limit = memory.limit || undefined;
  const swap = memory.swap || (limit === -1 ? -1 : undefined);
  const putSwap = (): void => {
    if (swap === undefined) return;
    if (writeIfThere(directory, 'memory.memsw.limit_in_bytes', swap) === 'absent' && swap !== -1)
      missed(missing.swap);
  };
  const putLimit = (): void => {
    if (limit !== undefined) putMemoryLimit(directory, limit);
  };
  const grows = swap === -1 || (swap ?? 0) > readNumber(directory, 'memory.limit_in_bytes');
  for (const put of grows ? [putSwap, putLimit] : [putLimit, putSwap]) put();
}

function putMemoryLimit(directory: string, limit: number): void {
  try {
    writeControl(directory, 'memory.limit_in_bytes', limit);
  } catch (error) {
    const EBUSY = 16;
    if (!(error instanceof EngineError) || error.errno !== EBUSY) throw error;
    const usage = readNumber(directory, 'memory.usage_in_bytes');
    const peak = readNumber(directory, 'memory.max_usage_in_bytes');
    const message = `unable to set memory limit to ${limit} (current usage: ${usage}, peak usage: ${peak})`;
    throw invalid(message, { cause: error });
  }
}

function limitCpu(directory: string | undefined, { cpu }: RuntimeResources, missed: Missed): void {
  if (cpu === undefined) return;
  if (directory === undefined) {
    if (cpu.shares) missed(missing.shares);
    if (cpu.quota || cpu.period) missed(missing.quota);
    return;
  }
  const put = (file: string, value: number | undefined, warning: string): void => {
    if (value && writeIfThere(directory, file, value) === 'absent') missed(warning);
  };
  put('cpu.shares', cpu.shares, missing.shares);
  put('cpu.rt_period_us', cpu.realtimePeriod, missing.realtime);
  put('cpu.rt_runtime_us', cpu.realtimeRuntime, missing.realtime);
  limitQuota(cpu, put);
}

/** A shorter period may only be right for the new quota, and the other way round: whichever is refused goes second. */
function limitQuota(
  { quota, period }: NonNullable<RuntimeResources['cpu']>,
  put: (file: string, value: number | undefined, warning: string) => void,
): void {
  const putPeriod = (): void => put('cpu.cfs_period_us', period, missing.quota);
  const putQuota = (): void => put('cpu.cfs_quota_us', quota, missing.quota);
  try {
    putPeriod();
    putQuota();
  } catch (error) {
    if (!quota || !period) throw error;
    putQuota();
    putPeriod();
  }
}

function limitCpuset(directory: string | undefined, { cpu }: RuntimeResources, missed: Missed): void {
  if (!cpu?.cpus && !cpu?.mems) return;
  if (directory === undefined) {
    missed(missing.cpuset);
    return;
  }
  if (cpu.cpus) writeControl(directory, 'cpuset.cpus', cpu.cpus);
  if (cpu.mems) writeControl(directory, 'cpuset.mems', cpu.mems);
}

function limitPids(directory: string | undefined, { pids }: RuntimeResources, missed: Missed): void {
  if (pids === undefined || pids.limit === 0) return;
  if (directory === undefined) missed(missing.pids);
  else writeControl(directory, 'pids.max', pids.limit < 0 ? 'max' : pids.limit);
}

function limitBlockIo(directory: string | undefined, { blockIO }: RuntimeResources, missed: Missed): void {
  if (blockIO === undefined) return;
  const put = (files: readonly string[], value: string | number, warning: string): void => {
    const there =
      directory !== undefined && files.some((file) => writeIfThere(directory, file, value) === 'written');
    if (!there) missed(warning);
  };
  // CFQ's files are gone since kernel 5.0; BFQ has its own.
  if (blockIO.weight) put(['blkio.weight', 'blkio.bfq.weight'], blockIO.weight, missing.weight);
  for (const { major, minor, weight } of blockIO.weightDevice ?? []) {
    const files = ['blkio.weight_device', 'blkio.bfq.weight_device'];
    put(files, `${major}:${minor} ${weight}`, missing.weightDevice);
  }
  for (const [name, file, warning] of throttles) {
    for (const { major, minor, rate } of blockIO[name] ?? []) {
      put([`blkio.throttle.${file}`], `${major}:${minor} ${rate}`, warning);
    }
  }
}

const throttles = [
  ['throttleReadBpsDevice', 'read_bps_device', missing.readBps],
  ['throttleWriteBpsDevice', 'write_bps_device', missing.writeBps],
  ['throttleReadIOPSDevice', 'read_iops_device', missing.readIops],
  ['throttleWriteIOPSDevice', 'write_iops_device', missing.writeIops],
] as const;
