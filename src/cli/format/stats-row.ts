import type { ContainerStatsResponse } from '#api/index.ts';
import { binarySize, humanSize, shortId } from './human.ts';
import type { Row } from './listing.ts';

export const statsHeaders = {
  Container: 'CONTAINER ID',
  Name: 'NAME',
  ID: 'CONTAINER ID',
  CPUPerc: 'CPU %',
  MemUsage: 'MEM USAGE / LIMIT',
  MemPerc: 'MEM %',
  NetIO: 'NET I/O',
  BlockIO: 'BLOCK I/O',
  PIDs: 'PIDS',
};

const unknown = '--';

/** What `stats` shows of a container; dashes where nothing is known yet. */
export function statsRow(
  name: string,
  stats: ContainerStatsResponse | undefined,
  { truncate }: { truncate: boolean },
): Row {
  const id = stats?.id ?? name;
  const shownId = truncate ? shortId(id) : id;
  if (stats === undefined || stats.read === '0001-01-01T00:00:00Z') {
    return {
      Container: shownId,
      Name: stats?.name?.replace(/^\//, '') || unknown,
      ID: shownId,
      CPUPerc: unknown,
      MemUsage: `${unknown} / ${unknown}`,
      MemPerc: unknown,
      NetIO: unknown,
      BlockIO: unknown,
      PIDs: unknown,
    };
  }
  const memory = memoryUsed(stats);
  const limit = stats.memory_stats?.limit ?? 0;
  const { received, sent } = networkBytes(stats);
  const { read, written } = blockBytes(stats);
  return {
    Container: shownId,
    Name: (stats.name ?? '').replace(/^\//, ''),
    ID: shownId,
    CPUPerc: `${cpuPercent(stats).toFixed(2)}%`,
    MemUsage: `${binarySize(memory)} / ${binarySize(limit)}`,
    MemPerc: `${(limit === 0 ? 0 : (memory / limit) * 100).toFixed(2)}%`,
    NetIO: `${humanSize(received, 3)} / ${humanSize(sent, 3)}`,
    BlockIO: `${humanSize(read, 3)} / ${humanSize(written, 3)}`,
    PIDs: String(stats.pids_stats?.current ?? 0),
  };
}

function cpuPercent({ cpu_stats: now, precpu_stats: before }: ContainerStatsResponse): number {
  const used = (now.cpu_usage?.total_usage ?? 0) - (before?.cpu_usage?.total_usage ?? 0);
  const passed = (now.system_cpu_usage ?? 0) - (before?.system_cpu_usage ?? 0);
  const cpus = now.online_cpus || now.cpu_usage?.percpu_usage?.length || 1;
  return used > 0 && passed > 0 ? (used / passed) * cpus * 100 : 0;
}

/** Without the pages that the kernel takes back first: the key is control group v1's or v2's. */
function memoryUsed({ memory_stats: memory }: ContainerStatsResponse): number {
  const usage = memory?.usage ?? 0;
  const inactive = memory?.stats?.['total_inactive_file'] ?? memory?.stats?.['inactive_file'] ?? 0;
  return inactive < usage ? usage - inactive : usage;
}

function networkBytes({ networks }: ContainerStatsResponse) {
  let [received, sent] = [0, 0];
  for (const each of Object.values(networks ?? {})) {
    received += each.rx_bytes;
    sent += each.tx_bytes;
  }
  return { received, sent };
}

function blockBytes({ blkio_stats: blocks }: ContainerStatsResponse) {
  let [read, written] = [0, 0];
  for (const { op, value } of blocks?.io_service_bytes_recursive ?? []) {
    if (/^r/i.test(op)) read += value;
    else if (/^w/i.test(op)) written += value;
  }
  return { read, written };
}
