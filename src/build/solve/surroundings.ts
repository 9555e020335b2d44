import type { BuildRequest } from '#api/index.ts';
import type { StepSurroundings } from '../run/run-step.ts';

/** Limits of a build's steps, as the client asks for them. */
export function surroundingsOf(request: BuildRequest): StepSurroundings {
  const numbers = {
    shmSize: request.shmSize,
    memory: request.memory,
    memorySwap: request.memorySwap,
    cpuShares: request.cpuShares,
    cpuPeriod: request.cpuPeriod,
    cpuQuota: request.cpuQuota,
    cpusetCpus: request.cpusetCpus,
    cpusetMems: request.cpusetMems,
    cgroupParent: request.cgroupParent,
    securityOpt: request.securityOpt,
  };
  const set = Object.entries(numbers).filter(
    ([, value]) => value !== undefined && value !== 0 && value !== '',
  );
  return {
    extraHosts: request.extraHosts ?? [],
    ulimits: (request.ulimits ?? []).map(({ Name = '', Soft = 0, Hard = 0 }) => ({ Name, Soft, Hard })),
    ...(Object.fromEntries(set) as Partial<StepSurroundings>),
  };
}
