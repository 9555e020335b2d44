import type {
  ContainerConfig,
  ContainerInspectResponse,
  HostConfig,
  NetworkSettings,
  Shown,
} from '#api/index.ts';
import type { Container } from '../container.ts';
import { findNetworkFiles } from '../network-files.ts';
import { sharesNetwork } from '../networking.ts';
import { portMap } from '../ports.ts';
import { type ContainerRecord, commandOf } from '../record.ts';
import type { Rooms } from '../rooms.ts';
import { maskedPaths, readonlyPaths, securityOptions } from '../spec/security.ts';
import { endpointReplies } from './endpoints.ts';
import { mountPoints } from './mount-points.ts';
import { stateReply } from './state.ts';

/** A container as `inspect` shows it. */
export function inspectReply(container: Container, rooms: Rooms): ContainerInspectResponse {
  const { record, state, id } = container;
  const [path = '', ...args] = commandOf(record.config);
  const { paths, snapshotter } = rooms;
  return {
    Id: id,
    Created: record.createdAt,
    Path: path,
    Args: args,
    State: stateReply(state),
    Image: record.imageId,
    ...networkFilePaths(record, rooms),
    LogPath: record.hostConfig.LogConfig?.Type === 'none' ? '' : paths.containerLog(id),
    Name: `/${record.name}`,
    RestartCount: state.restartCount,
    Driver: record.driver,
    Platform: 'linux',
    MountLabel: '',
    ProcessLabel: '',
    AppArmorProfile: securityOptions(record.hostConfig.SecurityOpt).apparmor ?? '',
    ExecIDs: container.execs.size > 0 ? [...container.execs] : null,
    HostConfig: hostConfigReply(record.hostConfig),
    GraphDriver: { Name: record.driver, Data: graphData(id, snapshotter) },
    Mounts: mountPoints(record),
    Config: configReply(record.config, record.image),
    NetworkSettings: networkSettings(container, rooms),
  };
}

/** Empty while there are none: before the first start, and after a reboot until the next. */
function networkFilePaths(
  record: ContainerRecord,
  rooms: Rooms,
): Pick<ContainerInspectResponse, 'ResolvConfPath' | 'HostnamePath' | 'HostsPath'> {
  const files = findNetworkFiles(record, rooms);
  return {
    ResolvConfPath: files?.resolvConf ?? '',
    HostnamePath: files?.hostname ?? '',
    HostsPath: files?.hosts ?? '',
  };
}

function graphData(id: string, snapshotter: Rooms['snapshotter']): Readonly<Record<string, string>> | null {
  try {
    return snapshotter.graphData(id);
  } catch {
    return null; // its snapshot is gone: a container that could not be removed whole
  }
}

/** Every field that Docker's Go struct shows even when unset, in its order. */
function configReply(config: ContainerConfig, image: string): Shown<ContainerConfig> {
  const {
    HostConfig: _,
    NetworkingConfig: __,
    ...own
  } = config as ContainerConfig & {
    HostConfig?: unknown;
    NetworkingConfig?: unknown;
  };
  return {
    Hostname: '',
    Domainname: '',
    User: '',
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    ...own,
    Tty: config.Tty ?? false,
    OpenStdin: config.OpenStdin ?? false,
    StdinOnce: config.StdinOnce ?? false,
    Env: config.Env?.length ? config.Env : null,
    Cmd: config.Cmd?.length ? config.Cmd : null,
    Image: image,
    Volumes: Object.keys(config.Volumes ?? {}).length > 0 ? (config.Volumes ?? null) : null,
    WorkingDir: config.WorkingDir ?? '',
    Entrypoint: config.Entrypoint?.length ? config.Entrypoint : null,
    OnBuild: config.OnBuild ?? null,
    Labels: config.Labels ?? {},
  };
}

function hostConfigReply(host: HostConfig): Shown<HostConfig> {
  const isOpen = host.Privileged === true;
  return {
    ...unset,
    ...host,
    PortBindings: host.PortBindings ?? {},
    ConsoleSize: host.ConsoleSize ?? [0, 0],
    BlkioDeviceReadBps: host.BlkioDeviceReadBps?.length ? host.BlkioDeviceReadBps : null,
    BlkioDeviceWriteBps: host.BlkioDeviceWriteBps?.length ? host.BlkioDeviceWriteBps : null,
    BlkioDeviceReadIOps: host.BlkioDeviceReadIOps?.length ? host.BlkioDeviceReadIOps : null,
    BlkioDeviceWriteIOps: host.BlkioDeviceWriteIOps?.length ? host.BlkioDeviceWriteIOps : null,
    Ulimits: host.Ulimits?.length ? host.Ulimits : null,
    MemorySwappiness: (host.MemorySwappiness ?? -1) < 0 ? null : (host.MemorySwappiness ?? null),
    PidsLimit: (host.PidsLimit ?? 0) > 0 ? (host.PidsLimit ?? null) : null,
    MaskedPaths: host.MaskedPaths ?? (isOpen ? null : [...maskedPaths]),
    ReadonlyPaths: host.ReadonlyPaths ?? (isOpen ? null : [...readonlyPaths]),
  };
}

/** What inspect shows of a HostConfig where nothing is said. */
const unset: Shown<HostConfig> = {
  Binds: null,
  ContainerIDFile: '',
  AutoRemove: false,
  VolumeDriver: '',
  VolumesFrom: null,
  CapAdd: null,
  CapDrop: null,
  Dns: [],
  DnsOptions: [],
  DnsSearch: [],
  ExtraHosts: null,
  GroupAdd: null,
  Cgroup: '',
  Links: null,
  OomScoreAdj: 0,
  PidMode: '',
  Privileged: false,
  PublishAllPorts: false,
  ReadonlyRootfs: false,
  SecurityOpt: null,
  UTSMode: '',
  UsernsMode: '',
  Isolation: '',
  CpuShares: 0,
  Memory: 0,
  NanoCpus: 0,
  CgroupParent: '',
  BlkioWeight: 0,
  BlkioWeightDevice: [],
  BlkioDeviceReadBps: null,
  BlkioDeviceWriteBps: null,
  BlkioDeviceReadIOps: null,
  BlkioDeviceWriteIOps: null,
  CpuPeriod: 0,
  CpuQuota: 0,
  CpuRealtimePeriod: 0,
  CpuRealtimeRuntime: 0,
  CpusetCpus: '',
  CpusetMems: '',
  Devices: [],
  DeviceCgroupRules: null,
  DeviceRequests: null,
  MemoryReservation: 0,
  MemorySwap: 0,
  MemorySwappiness: null,
  OomKillDisable: false,
  PidsLimit: null,
  Ulimits: [],
  CpuCount: 0,
  CpuPercent: 0,
  IOMaximumIOps: 0,
  IOMaximumBandwidth: 0,
};

function networkSettings(container: Container, { networks }: Rooms): NetworkSettings {
  const { id, record, task } = container;
  const { endpoints, ports } = networks.sandboxOf(id);
  const bridge = endpoints.find(({ networkName }) => networkName === 'bridge');
  const hasOwn = task !== undefined && !sharesNetwork(record);
  return {
    Bridge: '',
    SandboxID: hasOwn ? id : '',
    SandboxKey: hasOwn ? `/proc/${task.pid}/ns/net` : '',
    Ports: task === undefined ? {} : portMap(record.config, ports),
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    SecondaryIPAddresses: null,
    SecondaryIPv6Addresses: null,
    EndpointID: bridge?.endpointId ?? '',
    Gateway: bridge?.gateway ?? '',
    GlobalIPv6Address: '',
    GlobalIPv6PrefixLen: 0,
    IPAddress: bridge?.address ?? '',
    IPPrefixLen: bridge?.prefixLength ?? 0,
    IPv6Gateway: '',
    MacAddress: bridge?.macAddress ?? '',
    Networks: endpointReplies(container, endpoints, networks),
  };
}
