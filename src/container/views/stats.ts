import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerCPUStats, ContainerNetworkStats, ContainerStatsResponse } from '#api/index.ts';
import type { TaskStats } from '#runtime/format.ts';
import type { Container } from '../container.ts';
import { sharesNetwork } from '../networking.ts';
import { zeroTime } from '../record.ts';
import type { Rooms } from '../rooms.ts';

export interface StatsOptions {
  readonly stream?: boolean;
  readonly oneShot?: boolean;
  readonly signal?: AbortSignal;
}

const interval = 1000;

/** One sample a second. One of a container that does not run holds zeros, as Docker's does. */
export async function* statsOf(
  container: Container,
  options: StatsOptions,
  rooms: Rooms,
): AsyncGenerator<ContainerStatsResponse, void, undefined> {
  let before = options.oneShot === true ? undefined : await sample(container);
  if (options.oneShot === true) {
    yield reply(container, await sample(container), undefined);
    return;
  }
  const isStream = options.stream !== false;
  if (isStream) yield reply(container, before, undefined);
  do {
    const slept = await sleep(interval, true, { signal: options.signal }).catch(() => false);
    if (!slept || rooms.closing.aborted || rooms.store.find(container.id) === undefined) return;
    const now = await sample(container);
    yield reply(container, now, before);
    before = now;
  } while (isStream && options.signal?.aborted !== true);
}

/** A reading: the task's, and of the machine and its links at the same time. */
interface Sample {
  readonly stats: TaskStats;
  readonly systemNanoseconds: number;
  readonly networks: Readonly<Record<string, ContainerNetworkStats>> | undefined;
}

async function sample({ task, record }: Container): Promise<Sample | undefined> {
  try {
    const stats = await task?.stats();
    if (task === undefined || stats === undefined) return undefined;
    const networks = sharesNetwork(record) ? undefined : networkStats(task.pid);
    return { stats, systemNanoseconds: systemNanoseconds(), networks };
  } catch (error) {
    if (task === undefined) return undefined;
    throw error;
  }
}

function reply(
  { id, name }: Container,
  now: Sample | undefined,
  before: Sample | undefined,
): ContainerStatsResponse {
  return {
    name: `/${name}`,
    id,
    read: now?.stats.readAt.toISOString() ?? zeroTime,
    preread: before?.stats.readAt.toISOString() ?? zeroTime,
    pids_stats: now === undefined ? {} : pidsReply(now.stats),
    blkio_stats: blkioReply(now?.stats),
    num_procs: 0,
    storage_stats: {},
    cpu_stats: cpuReply(now),
    precpu_stats: cpuReply(before),
    memory_stats: now === undefined ? {} : memoryReply(now.stats),
    ...(now?.networks === undefined ? {} : { networks: now.networks }),
  };
}

const pidsReply = ({ pids }: TaskStats) => ({
  current: pids.current,
  ...(pids.limit === undefined ? {} : { limit: pids.limit }),
});

const memoryReply = ({ memory }: TaskStats) => ({
  usage: memory.usage,
  ...(memory.maxUsage === undefined ? {} : { max_usage: memory.maxUsage }),
  stats: memory.detail,
  limit: memory.limit,
});

function blkioReply(stats: TaskStats | undefined): ContainerStatsResponse['blkio_stats'] {
  const entries = (field: 'bytes' | 'operations') =>
    stats === undefined || stats.io.length === 0
      ? null
      : stats.io.map(({ major, minor, op, [field]: value }) => ({ major, minor, op, value }));
  return {
    io_service_bytes_recursive: entries('bytes'),
    io_serviced_recursive: entries('operations'),
    io_queue_recursive: null,
    io_service_time_recursive: null,
    io_wait_time_recursive: null,
    io_merged_recursive: null,
    io_time_recursive: null,
    sectors_recursive: null,
  };
}

function cpuReply(sampled: Sample | undefined): ContainerCPUStats {
  const cpu = sampled?.stats.cpu;
  return {
    cpu_usage: {
      total_usage: cpu?.totalNanoseconds ?? 0,
      usage_in_kernelmode: cpu?.systemNanoseconds ?? 0,
      usage_in_usermode: cpu?.userNanoseconds ?? 0,
    },
    ...(sampled === undefined
      ? {}
      : { system_cpu_usage: sampled.systemNanoseconds, online_cpus: availableParallelism() }),
    throttling_data: {
      periods: cpu?.periods ?? 0,
      throttled_periods: cpu?.throttledPeriods ?? 0,
      throttled_time: cpu?.throttledNanoseconds ?? 0,
    },
  };
}

/** What all processors have spent, idle or not. @see proc_stat(5): the first seven columns, in hundredths of a second */
function systemNanoseconds(): number {
  const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n', 1);
  const ticks = line.split(/\s+/).slice(1, 8).map(Number);
  return ticks.reduce((sum, value) => sum + value, 0) * 10_000_000;
}

/** The links inside, but for loopback. @see proc_pid_net(5), dev */
function networkStats(pid: number): Readonly<Record<string, ContainerNetworkStats>> {
  const lines = readFileSync(`/proc/${pid}/net/dev`, 'utf8').split('\n').slice(2);
  const entries = lines.flatMap((line) => {
    const [name, rest] = line.trim().split(':') as [string, string?];
    if (rest === undefined || name === 'lo') return [];
    const numbers = rest.trim().split(/\s+/).map(Number);
    const [rxBytes = 0, rxPackets = 0, rxErrors = 0, rxDropped = 0] = numbers;
    const [txBytes = 0, txPackets = 0, txErrors = 0, txDropped = 0] = numbers.slice(8);
    const stats = {
      rx_bytes: rxBytes,
      rx_packets: rxPackets,
      rx_errors: rxErrors,
      rx_dropped: rxDropped,
      tx_bytes: txBytes,
      tx_packets: txPackets,
      tx_errors: txErrors,
      tx_dropped: txDropped,
    };
    return [[name, stats] as const];
  });
  return Object.fromEntries(entries);
}
