import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type HostConfig, type Resources, ulimitNames } from '#api/index.ts';
import { invalid } from '#base/errors.ts';

const minimumMemory = 6 << 20;

/**
 * Checks limits. @throws {EngineError} `invalid` in Docker's words
 *
 * @param isUpdate whether they change a container that has others already
 */
export function checkResources(wanted: Resources, isUpdate = false): void {
  checkMemory(wanted, isUpdate);
  checkCpu(wanted);
  checkBlockIO(wanted);
  checkUlimits(wanted);
}

function checkMemory(wanted: Resources, isUpdate: boolean): void {
  const { Memory: memory = 0, MemorySwap: swap = 0, MemoryReservation: reservation = 0 } = wanted;
  const swappiness = wanted.MemorySwappiness ?? -1;
  if (memory !== 0 && memory < minimumMemory) throw invalid('Minimum memory limit allowed is 6MB');
  if (memory > 0 && swap > 0 && swap < memory)
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage');
  if (memory === 0 && swap > 0 && !isUpdate)
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage');
  if (swappiness < -1 || swappiness > 100)
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  if (reservation > 0 && reservation < minimumMemory)
    throw invalid('Minimum memory reservation allowed is 6MB');
  if (memory > 0 && reservation > memory)
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage');
}

function checkCpu(wanted: Resources): void {
  const { NanoCpus: nano = 0, CpuPeriod: period = 0, CpuQuota: quota = 0 } = wanted;
  const count = availableParallelism();
  if ((wanted.CpuShares ?? 0) < 0) throw invalid('shares: invalid argument');
  if (nano !== 0 && period !== 0)
    throw invalid('Conflicting options: Nano CPUs and CPU Period cannot both be set');
  if (nano !== 0 && quota !== 0)
    throw invalid('Conflicting options: Nano CPUs and CPU Quota cannot both be set');
  if (nano < 0 || nano > count * 1e9)
    throw invalid(`range of CPUs is from 0.01 to ${count}.00, as there are only ${count} CPUs available`);
  if (period !== 0 && (period < 1000 || period > 1_000_000))
    throw invalid('CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)');
  if (quota > 0 && quota < 1000) throw invalid('CPU cfs quota can not be less than 1ms (i.e. 1000)');
  checkSet(wanted.CpusetCpus, { what: 'cpus', title: 'CPUs', available: '/sys/devices/system/cpu/online' });
  checkSet(wanted.CpusetMems, {
    what: 'mems',
    title: 'memory nodes',
    available: '/sys/devices/system/node/online',
  });
}

function checkSet(
  text: string | undefined,
  set: { readonly what: string; readonly title: string; readonly available: string },
): void {
  if (!text) return;
  const wanted = parseSet(text);
  if (wanted === undefined) throw invalid(`Invalid value ${text} for cpuset ${set.what}`);
  const available = onlineSet(set.available);
  const known = parseSet(available);
  if (known !== undefined && [...wanted].some((number) => !known.has(number)))
    throw invalid(`Requested ${set.title} are not available - requested ${text}, available: ${available}`);
}

function onlineSet(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return '0';
  }
}

/** `0-2,5`; undefined when it is no such list. */
export function parseSet(text: string): ReadonlySet<number> | undefined {
  const numbers = new Set<number>();
  for (const part of text.split(',')) {
    const found = /^(\d+)(?:-(\d+))?$/.exec(part);
    const [first, last] = [Number(found?.[1]), Number(found?.[2] ?? found?.[1])];
    if (found === null || last < first || last > 8192) return undefined;
    for (let number = first; number <= last; number += 1) numbers.add(number);
  }
  return numbers;
}

function checkBlockIO(wanted: Resources): void {
  const weight = wanted.BlkioWeight ?? 0;
  if (weight !== 0 && (weight < 10 || weight > 1000))
    throw invalid('Range of blkio weight is from 10 to 1000');
}

function checkUlimits({ Ulimits: limits }: Resources): void {
  for (const { Name: name = '', Soft: soft = 0, Hard: hard = 0 } of limits ?? []) {
    if (!ulimitNames.includes(name)) throw invalid(`invalid ulimit type: ${name}`);
    if (hard !== -1 && (soft === -1 || soft > hard))
      throw invalid(`ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`);
  }
}

/** What is asked of the host beyond limits. */
export function checkHostValues(host: HostConfig): void {
  const score = host.OomScoreAdj ?? 0;
  if (score < -1000 || score > 1000)
    throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  if ((host.ShmSize ?? 0) < 0) throw invalid('SHM size can not be less than 0');
}

/** What an `update` of a running container may not take away. */
export function checkShrink(before: Resources, change: Resources): void {
  const swap = before.MemorySwap ?? 0;
  if ((change.Memory ?? 0) > 0 && swap > 0 && (change.Memory ?? 0) > swap && !change.MemorySwap)
    throw invalid(
      'Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time',
    );
}
