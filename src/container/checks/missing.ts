import type { HostConfig } from '#api/index.ts';

/** Which limits this machine's control groups can hold; one that is not named can be had. */
export interface LimitFeatures {
  readonly memoryLimit?: boolean;
  readonly swapLimit?: boolean;
  readonly memoryReservation?: boolean;
  readonly memorySwappiness?: boolean;
  readonly oomKillDisable?: boolean;
  readonly cpuShares?: boolean;
  readonly cpuQuota?: boolean;
  readonly cpuset?: boolean;
  readonly pidsLimit?: boolean;
}

const unsupported = (what: string, rest: string) =>
  `Your kernel does not support ${what} or the cgroup is not mounted. ${rest}`;

/** What a container asks for and will go without, in Docker's words. */
export function missingLimits(host: HostConfig, features: LimitFeatures): string[] {
  const wants: readonly (readonly [keyof LimitFeatures, boolean, string])[] = [
    ['memoryLimit', Boolean(host.Memory), unsupported('memory limit capabilities', 'Limitation discarded.')],
    [
      'swapLimit',
      Boolean(host.Memory) && host.MemorySwap !== -1,
      unsupported('swap limit capabilities', 'Memory limited without swap.'),
    ],
    [
      'memorySwappiness',
      (host.MemorySwappiness ?? -1) >= 0,
      unsupported('memory swappiness capabilities', 'Memory swappiness discarded.'),
    ],
    [
      'memoryReservation',
      Boolean(host.MemoryReservation),
      unsupported('memory soft limit capabilities', 'Limitation discarded.'),
    ],
    [
      'oomKillDisable',
      host.OomKillDisable === true,
      'Your kernel does not support OomKillDisable. OomKillDisable discarded.',
    ],
    ['pidsLimit', (host.PidsLimit ?? 0) > 0, unsupported('PIDs limit capabilities', 'PIDs limit discarded.')],
    ['cpuShares', Boolean(host.CpuShares), unsupported('CPU shares', 'Shares discarded.')],
    [
      'cpuQuota',
      Boolean(host.CpuPeriod || host.CpuQuota || host.NanoCpus),
      unsupported('CPU CFS scheduler', 'Period and quota discarded.'),
    ],
    ['cpuset', Boolean(host.CpusetCpus || host.CpusetMems), unsupported('cpuset', 'Cpuset discarded.')],
  ];
  return wants
    .filter(([feature, isWanted]) => isWanted && features[feature] === false)
    .map(([, , text]) => text);
}
