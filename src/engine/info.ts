import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import type { IndexInfo, SystemInfo } from '#api/index.ts';
import type { Containers } from '#container/containers.ts';
import type { Events } from '#events/index.ts';
import type { Images } from '#image/images.ts';
import { type Cgroups, type HostFacts, hostFacts } from '#linux/index.ts';
import type { Snapshotter } from '#snapshot/snapshotter.ts';
import type { Database } from '#state/database.ts';
import type { EngineConfig } from './config.ts';
import { productVersion } from './product.ts';

/** The rooms that `info` asks. */
export interface InfoSources {
  readonly config: EngineConfig;
  readonly dataRoot: string;
  readonly engineId: string;
  readonly containers: Pick<Containers, 'views'>;
  readonly images: Pick<Images, 'count'>;
  readonly events: Pick<Events, 'listeners'>;
  readonly snapshotter: Pick<Snapshotter, 'name' | 'status'>;
  readonly cgroups: Pick<Cgroups, 'version' | 'driver' | 'features'>;
}

/** The reply of `GET /info`. @see Engine API, SystemInfo */
export function systemInfo(sources: InfoSources): SystemInfo {
  const { config, containers, images, events, snapshotter } = sources;
  const counts = containers.views.counts();
  const host = hostFacts();
  return {
    ID: sources.engineId,
    Containers: counts.running + counts.paused + counts.stopped,
    ContainersRunning: counts.running,
    ContainersPaused: counts.paused,
    ContainersStopped: counts.stopped,
    Images: images.count(),
    Driver: snapshotter.name,
    DriverStatus: snapshotter.status(),
    DockerRootDir: sources.dataRoot,
    Plugins: plugins,
    ...limits(sources.cgroups),
    IPv4Forwarding: host.ipv4Forwarding,
    Debug: config.debug === true,
    NFd: readdirSync('/proc/self/fd').length,
    NGoroutines: 0,
    SystemTime: new Date().toISOString(),
    LoggingDriver: config.logDriver || 'json-file',
    NEventsListener: events.listeners,
    KernelVersion: host.kernelVersion,
    OperatingSystem: host.operatingSystem,
    OSVersion: host.osVersion,
    OSType: 'linux',
    Architecture: host.architecture,
    IndexServerAddress: 'https://index.docker.io/v1/',
    RegistryConfig: registries(config),
    NCPU: host.cpus,
    MemTotal: host.memoryBytes,
    GenericResources: null,
    HttpProxy: process.env['HTTP_PROXY'] ?? '',
    HttpsProxy: process.env['HTTPS_PROXY'] ?? '',
    NoProxy: process.env['NO_PROXY'] ?? '',
    Name: host.hostname,
    Labels: config.labels ?? [],
    ExperimentalBuild: false,
    ServerVersion: productVersion,
    Runtimes: { native: { path: 'hoist-shim' } },
    DefaultRuntime: config.defaultRuntime || 'native',
    Swarm: noSwarm,
    LiveRestoreEnabled: config.liveRestore === true,
    Isolation: '',
    InitBinary: 'hoist-shim',
    ContainerdCommit: { ID: '' },
    RuncCommit: { ID: '' },
    InitCommit: { ID: '' },
    SecurityOptions: securityOptions(host),
    FirewallBackend: { Driver: 'nftables' },
    CDISpecDirs: [],
    Warnings: warnings(sources.cgroups, host.ipv4Forwarding),
  };
}

/** The id that an engine keeps for life. */
export function engineIdOf(database: Database): string {
  const row = database.get<{ value: string }>("SELECT value FROM meta WHERE name = 'engine-id'");
  if (row !== undefined) return row.value;
  const id = randomUUID();
  database.run("INSERT INTO meta (name, value) VALUES ('engine-id', ?)", id);
  return id;
}

const plugins = {
  Volume: ['local'],
  Network: ['bridge', 'host', 'null'],
  Authorization: null,
  Log: ['json-file', 'local', 'none'],
};

const securityOptions = (host: HostFacts): string[] => [
  ...(host.appArmor ? ['name=apparmor'] : []),
  ...(host.seccomp ? ['name=seccomp,profile=builtin'] : []),
  ...(host.cgroupNamespaces ? ['name=cgroupns'] : []),
];

const noSwarm = {
  NodeID: '',
  NodeAddr: '',
  LocalNodeState: 'inactive',
  ControlAvailable: false,
  Error: '',
  RemoteManagers: null,
};

const limits = ({ version, driver, features }: InfoSources['cgroups']) => ({
  MemoryLimit: features.memoryLimit,
  SwapLimit: features.swapLimit,
  CpuCfsPeriod: features.cpuQuota,
  CpuCfsQuota: features.cpuQuota,
  CPUShares: features.cpuShares,
  CPUSet: features.cpuset,
  PidsLimit: features.pidsLimit,
  OomKillDisable: features.oomKillDisable,
  CgroupDriver: driver,
  CgroupVersion: version === 2 ? ('2' as const) : ('1' as const),
});

function warnings({ features }: InfoSources['cgroups'], forwarding: boolean): string[] | null {
  const missing: [present: boolean, text: string][] = [
    [features.memoryLimit, 'WARNING: No memory limit support'],
    [features.swapLimit, 'WARNING: No swap limit support'],
    [features.cpuQuota, 'WARNING: No cpu cfs quota support'],
    [features.cpuShares, 'WARNING: No cpu shares support'],
    [features.cpuset, 'WARNING: No cpuset support'],
    [features.pidsLimit, 'WARNING: No pids limit support'],
    [forwarding, 'WARNING: IPv4 forwarding is disabled'],
  ];
  const texts = missing.filter(([present]) => !present).map(([, text]) => text);
  return texts.length === 0 ? null : texts;
}

function registries(config: EngineConfig): SystemInfo['RegistryConfig'] {
  const insecure = config.insecureRegistries ?? [];
  const mirrors = config.registryMirrors ?? [];
  const hosts = insecure.filter((registry) => !registry.includes('/'));
  const index = (Name: string, secure: boolean): IndexInfo => ({
    Name,
    Mirrors: Name === 'docker.io' ? mirrors : [],
    Secure: secure,
    Official: Name === 'docker.io',
  });
  return {
    InsecureRegistryCIDRs: [
      '::1/128',
      '127.0.0.0/8',
      ...insecure.filter((registry) => registry.includes('/')),
    ],
    IndexConfigs: Object.fromEntries(
      [index('docker.io', true), ...hosts.map((host) => index(host, false))].map((info) => [info.Name, info]),
    ),
    Mirrors: mirrors,
  };
}
