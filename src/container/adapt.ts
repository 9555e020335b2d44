import type { ContainerConfig, HostConfig } from '#api/index.ts';
import type { HostFacts } from './spec/host.ts';
import { peerOf } from './spec/namespaces.ts';
import { defaultShmSize } from './spec/spec.ts';

/**
 * A HostConfig with its defaults in place, as inspect shows it: what the engine will go by.
 *
 * @param idOf the full id of another container, for `container:web`; undefined when there is none
 */
export function adaptedHostConfig(
  host: HostConfig,
  facts: HostFacts,
  idOf: (reference: string) => string | undefined,
): HostConfig {
  const shared = (mode: string | undefined) => {
    const id = idOf(peerOf(mode) ?? '');
    return id === undefined ? (mode ?? '') : `container:${id}`;
  };
  return {
    ...host,
    NetworkMode: networkMode(shared(host.NetworkMode), facts),
    PidMode: shared(host.PidMode),
    IpcMode: shared(host.IpcMode || facts.defaultIpcMode || 'private'),
    UTSMode: host.UTSMode ?? '',
    CgroupnsMode: host.CgroupnsMode || cgroupnsMode(host, facts),
    ...(host.Memory && !host.MemorySwap ? { MemorySwap: host.Memory * 2 } : {}),
    ShmSize: host.ShmSize || facts.defaultShmSize || defaultShmSize,
    RestartPolicy: {
      Name: host.RestartPolicy?.Name || 'no',
      MaximumRetryCount: host.RestartPolicy?.MaximumRetryCount ?? 0,
    },
    LogConfig: host.LogConfig?.Type
      ? { Type: host.LogConfig.Type, Config: host.LogConfig.Config ?? {} }
      : {
          Type: facts.logConfig?.Type ?? 'json-file',
          Config: { ...facts.logConfig?.Config, ...host.LogConfig?.Config },
        },
    Runtime: host.Runtime || 'runc',
    ...securityOpt(host),
    ...(host.CpuShares ? { CpuShares: Math.min(Math.max(host.CpuShares, 2), 262_144) } : {}),
  };
}

/** Who shares the host's processes cannot be labelled apart from them; Docker says so in HostConfig. */
function securityOpt({
  SecurityOpt: own,
  Privileged,
  PidMode,
  IpcMode,
}: HostConfig): Pick<HostConfig, 'SecurityOpt'> {
  const isLabelled = own?.some((option) => option.startsWith('label')) === true;
  const isShared = Privileged === true || PidMode === 'host' || IpcMode === 'host';
  return isShared && !isLabelled ? { SecurityOpt: [...(own ?? []), 'label=disable'] } : {};
}

const networkMode = (mode: string, facts: HostFacts): string =>
  mode === '' || mode === 'default' ? (facts.defaultNetwork ?? 'bridge') : mode;

/** On version 1 the hierarchy is no delegated tree: the host's view, as Docker has it. */
function cgroupnsMode(host: HostConfig, facts: HostFacts): string {
  if (facts.cgroupVersion === 1) return 'host';
  return host.Privileged === true ? 'private' : (facts.defaultCgroupnsMode ?? 'private');
}

/** The container's hostname: its own, in the host's network the host's, else the beginning of its id. */
export function hostnameOf(
  config: ContainerConfig,
  host: HostConfig,
  options: { readonly id: string; readonly facts: HostFacts; readonly peerHostname: string | undefined },
): string {
  if (config.Hostname) return config.Hostname;
  if (host.NetworkMode === 'host' || host.UTSMode === 'host') return options.facts.hostname;
  return options.peerHostname ?? options.id.slice(0, 12);
}
