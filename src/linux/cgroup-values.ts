import { invalid } from '#base/errors.ts';

/** The cgroup v2 weight (1 to 10000, 100 the default) of v1 cpu shares (2 to 262144, 1024 the default), as runc maps them. */
export function weightOfShares(shares: number): number {
  if (shares <= 2) return 1;
  if (shares >= 262144) return 10000;
  const log = Math.log2(shares);
  // A quadratic in the logarithm that meets both ends and the defaults.
  const exponent = (log * log + 125 * log) / 612 - 7 / 34;
  return Math.ceil(Number((10 ** exponent).toFixed(6)));
}

/** The cgroup v2 io weight (1 to 10000) of a blkio weight (10 to 1000), as runc maps them. */
export const ioWeightOf = (weight: number): number => Math.floor(1 + ((weight - 10) * 9999) / 990);

/**
 * The v2 swap limit, which leaves memory out, of the spec's memory and swap together.
 *
 * @returns -1 for no limit, `undefined` when none is asked for
 */
export function swapAlone(memory: number | undefined, memoryAndSwap: number | undefined): number | undefined {
  if (memoryAndSwap === undefined || memoryAndSwap === 0) return memory === -1 ? -1 : undefined;
  if (memoryAndSwap === -1) return -1;
  if (memory === undefined || memory === 0 || memory === -1) {
    throw invalid('unable to set swap limit without memory limit');
  }
  if (memoryAndSwap < memory) throw invalid('memory+swap limit should be >= memory limit');
  return memoryAndSwap - memory;
}

/** -1, the spec's no limit, as cgroup v2's files have it. */
export const orMax = (limit: number): string => (limit < 0 ? 'max' : String(limit));

/** What Docker's daemon says when a limit cannot be had. */
export const missing = {
  memory: said('memory limit capabilities', 'Limitation discarded.'),
  swap: said('swap limit capabilities', 'Memory limited without swap.'),
  reservation: said('memory soft limit capabilities', 'Limitation discarded.'),
  swappiness: said('memory swappiness capabilities', 'Memory swappiness discarded.'),
  oomKillDisable: 'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
  shares: said('CPU shares', 'Shares discarded.'),
  quota: 'Your kernel does not support CPU CFS scheduler. CPU period/quota discarded.',
  realtime: said('CPU real-time scheduler', 'CPU real-time period and runtime discarded.'),
  cpuset: said('cpuset', 'CPUset discarded.'),
  pids: said('PIDs limit capabilities', 'PIDs limit discarded.'),
  weight: said('Block I/O weight', 'Weight discarded.'),
  weightDevice: said('Block I/O weight_device', 'Weight-device discarded.'),
  readBps: said('BPS Block I/O read limit', 'Block I/O BPS read limit discarded.'),
  writeBps: said('BPS Block I/O write limit', 'Block I/O BPS write limit discarded.'),
  readIops: said('IOPS Block read limit in IO', 'Block I/O IOPS read limit discarded.'),
  writeIops: said('IOPS Block write limit in IO', 'Block I/O IOPS write limit discarded.'),
  devices: said('devices', 'Device rules discarded.'),
} as const;

function said(what: string, consequence: string): string {
  return `Your kernel does not support ${what} or the cgroup is not mounted. ${consequence}`;
}
