import type { HostConfig, RestartPolicy } from '#api/index.ts';
import type { Values } from '../flags.ts';
import type { limitFlags } from './flags.ts';

/** The limits that `run`, `create` and `update` share. */
export function limitsOf(flags: Values<typeof limitFlags>): HostConfig {
  return {
    CpuShares: flags['cpu-shares'],
    Memory: flags.memory,
    NanoCpus: flags.cpus,
    BlkioWeight: flags['blkio-weight'],
    CpuPeriod: flags['cpu-period'],
    CpuQuota: flags['cpu-quota'],
    CpuRealtimePeriod: flags['cpu-rt-period'],
    CpuRealtimeRuntime: flags['cpu-rt-runtime'],
    CpusetCpus: flags['cpuset-cpus'],
    CpusetMems: flags['cpuset-mems'],
    MemoryReservation: flags['memory-reservation'],
    MemorySwap: flags['memory-swap'],
    PidsLimit: flags['pids-limit'],
  };
}

/** `no`, `always`, `unless-stopped`, `on-failure[:count]` */
export function parseRestart(policy: string): RestartPolicy {
  if (policy === '') return { Name: '' as 'no', MaximumRetryCount: 0 };
  const colon = policy.indexOf(':');
  const [Name, count] = colon < 0 ? [policy] : [policy.slice(0, colon), policy.slice(colon + 1)];
  if (Name === '') throw new Error('invalid restart policy format: no policy provided before colon');
  if (count !== undefined && !/^-?\d+$/.test(count)) {
    throw new Error('invalid restart policy format: maximum retry count must be an integer');
  }
  return { Name: Name as 'no', MaximumRetryCount: Number(count ?? 0) };
}
