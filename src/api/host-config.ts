import { Mount } from './mount.ts';
import { boolean, integer, list, map, object, oneOf, type Static, string } from './schema.ts';

export type DeviceMapping = Static<typeof DeviceMapping>;
export const DeviceMapping = object({
  PathOnHost: string,
  PathInContainer: string,
  CgroupPermissions: string,
});

export type DeviceRequest = Static<typeof DeviceRequest>;
export const DeviceRequest = object({
  Driver: string,
  Count: integer,
  DeviceIDs: list(string),
  Capabilities: list(list(string)),
  Options: map(string),
});

export type ThrottleDevice = Static<typeof ThrottleDevice>;
export const ThrottleDevice = object({ Path: string, Rate: integer });

export type Ulimit = Static<typeof Ulimit>;
export const Ulimit = object({ Name: string, Soft: integer, Hard: integer });

/** The names that a ulimit may have: those of setrlimit(2). */
export const ulimitNames: readonly string[] = [
  ...['as', 'core', 'cpu', 'data', 'fsize', 'locks', 'memlock', 'msgqueue', 'nice', 'nofile', 'nproc', 'rss'],
  ...['rtprio', 'rttime', 'sigpending', 'stack'],
];

export type RestartPolicy = Static<typeof RestartPolicy>;
export const RestartPolicy = object({
  Name: oneOf('', 'no', 'always', 'unless-stopped', 'on-failure'),
  MaximumRetryCount: integer,
});

export type PortBinding = Static<typeof PortBinding>;
export const PortBinding = object({ HostIp: string, HostPort: string });

/** `{ "80/tcp": [{ HostIp, HostPort }] }` */
export type PortMap = Static<typeof PortMap>;
export const PortMap = map(list(PortBinding));

export type LogConfig = Static<typeof LogConfig>;
export const LogConfig = object({ Type: string, Config: map(string) });

const resources = {
  CpuShares: integer,
  Memory: integer,
  CgroupParent: string,
  BlkioWeight: integer,
  BlkioWeightDevice: list(object({ Path: string, Weight: integer })),
  BlkioDeviceReadBps: list(ThrottleDevice),
  BlkioDeviceWriteBps: list(ThrottleDevice),
  BlkioDeviceReadIOps: list(ThrottleDevice),
  BlkioDeviceWriteIOps: list(ThrottleDevice),
  CpuPeriod: integer,
  CpuQuota: integer,
  CpuRealtimePeriod: integer,
  CpuRealtimeRuntime: integer,
  CpusetCpus: string,
  CpusetMems: string,
  Devices: list(DeviceMapping),
  DeviceCgroupRules: list(string),
  DeviceRequests: list(DeviceRequest),
  KernelMemory: integer,
  KernelMemoryTCP: integer,
  MemoryReservation: integer,
  MemorySwap: integer,
  MemorySwappiness: integer,
  NanoCpus: integer,
  OomKillDisable: boolean,
  Init: boolean,
  PidsLimit: integer,
  Ulimits: list(Ulimit),
  CpuCount: integer,
  CpuPercent: integer,
  IOMaximumIOps: integer,
  IOMaximumBandwidth: integer,
} as const;

/** The limits of a container, which `update` may change while it runs. */
export type Resources = Static<typeof Resources>;
export const Resources = object(resources);

/** What of a container's configuration depends on the host it runs on. */
export type HostConfig = Static<typeof HostConfig>;
export const HostConfig = object({
  ...resources,
  Binds: list(string),
  ContainerIDFile: string,
  LogConfig,
  NetworkMode: string,
  PortBindings: PortMap,
  RestartPolicy,
  AutoRemove: boolean,
  VolumeDriver: string,
  VolumesFrom: list(string),
  Mounts: list(Mount),
  ConsoleSize: list(integer),
  Annotations: map(string),
  CapAdd: list(string),
  CapDrop: list(string),
  CgroupnsMode: string,
  Dns: list(string),
  DnsOptions: list(string),
  DnsSearch: list(string),
  ExtraHosts: list(string),
  GroupAdd: list(string),
  IpcMode: string,
  Cgroup: string,
  Links: list(string),
  OomScoreAdj: integer,
  PidMode: string,
  Privileged: boolean,
  PublishAllPorts: boolean,
  ReadonlyRootfs: boolean,
  SecurityOpt: list(string),
  StorageOpt: map(string),
  Tmpfs: map(string),
  UTSMode: string,
  UsernsMode: string,
  ShmSize: integer,
  Sysctls: map(string),
  Runtime: string,
  Isolation: string,
  MaskedPaths: list(string),
  ReadonlyPaths: list(string),
});

export type ContainerUpdateRequest = Static<typeof ContainerUpdateRequest>;
export const ContainerUpdateRequest = object({ ...resources, RestartPolicy });
