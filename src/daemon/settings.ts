import { homedir } from 'node:os';
import { join } from 'node:path';
import { invalid } from '#base/errors.ts';
import type { LogLevel } from '#base/log.ts';
import { defaultRoots, type EngineConfig } from '#engine/index.ts';
import { type Address, parseAddress } from './address.ts';
import type { Given } from './command-line.ts';
import type { ConfigFile } from './config-file.ts';
import type { Value } from './values.ts';

/** Everything the daemon was told, by flags and file together. */
export interface Settings {
  readonly engine: EngineConfig;
  readonly addresses: readonly Address[];
  readonly tls: TlsPaths | undefined;
  /** The group of Unix sockets; `required` when it was asked for by name. */
  readonly group: { readonly name: string; readonly required: boolean };
  readonly pidFile: string;
  readonly logLevel: LogLevel;
  readonly insecureTcp: boolean;
}

export interface TlsPaths {
  readonly certificate: string;
  readonly key: string;
  /** Absent: any client gets in. */
  readonly authority?: string;
}

/** @throws {EngineError} `invalid` for values that make no sense */
export function settingsFrom(given: Given, file: Pick<ConfigFile, 'values' | 'builder'>): Settings {
  const all = new Map<string, Value>([...file.values, ...given]);
  const text = (name: string) => (all.get(name) as string | undefined) || undefined;
  const runRoot = text('exec-root') ?? defaultRoots.runRoot;
  const debug = all.get('debug') === true;
  return {
    engine: {
      ...engineConfig(all, runRoot, debug),
      ...(file.builder !== undefined && { buildCache: file.builder }),
    },
    addresses: addressesOf(all, runRoot),
    tls: tlsPaths(all),
    group: { name: text('group') ?? 'docker', required: all.has('group') },
    pidFile: text('pidfile') ?? join(runRoot, 'hoistd.pid'),
    logLevel: debug ? 'debug' : logLevelOf(text('log-level') ?? 'info'),
    insecureTcp: all.get('insecure-tcp-without-tls') === true,
  };
}

function engineConfig(all: ReadonlyMap<string, Value>, runRoot: string, debug: boolean): EngineConfig {
  const chosen = Object.entries(engineKeys).filter(([, name]) => all.has(name));
  const values = Object.fromEntries(chosen.map(([field, name]) => [field, all.get(name)]));
  check(values as EngineConfig);
  return {
    ...values,
    dataRoot: (all.get('data-root') as string | undefined) || defaultRoots.dataRoot,
    runRoot,
    debug,
  };
}

/** The engine's settings by the flag that gives each. */
const engineKeys = {
  labels: 'label',
  storageDriver: 'storage-driver',
  storageOptions: 'storage-opt',
  cgroupParent: 'cgroup-parent',
  defaultRuntime: 'default-runtime',
  defaultUlimits: 'default-ulimit',
  defaultShmSize: 'default-shm-size',
  init: 'init',
  noNewPrivileges: 'no-new-privileges',
  defaultIpcMode: 'default-ipc-mode',
  defaultCgroupnsMode: 'default-cgroupns-mode',
  logDriver: 'log-driver',
  logOptions: 'log-opt',
  bridge: 'bridge',
  bridgeAddress: 'bip',
  fixedCidr: 'fixed-cidr',
  mtu: 'mtu',
  hostBinding: 'ip',
  interContainer: 'icc',
  firewall: 'iptables',
  ipForward: 'ip-forward',
  ipMasquerade: 'ip-masq',
  dns: 'dns',
  dnsSearch: 'dns-search',
  dnsOptions: 'dns-opt',
  registryMirrors: 'registry-mirror',
  insecureRegistries: 'insecure-registry',
  maxConcurrentDownloads: 'max-concurrent-downloads',
  maxConcurrentUploads: 'max-concurrent-uploads',
  liveRestore: 'live-restore',
  shutdownTimeoutSeconds: 'shutdown-timeout',
} as const satisfies Partial<Record<keyof EngineConfig, string>>;

/** @see dockerd's own validation of its configuration */
function check(config: EngineConfig): void {
  for (const label of config.labels ?? []) {
    if (!/^[^=]+=/.test(label)) throw invalid(`bad attribute format: ${label}`);
  }
  for (const address of config.dns ?? []) {
    if (!/^[\d.]+$|:/.test(address)) throw invalid(`${address} is not an ip address`);
  }
  for (const mirror of config.registryMirrors ?? []) {
    if (!/^https?:\/\/[^/?#]+\/?$/.test(mirror))
      throw invalid(`invalid mirror: "${mirror}" is not a valid URL: it must be http(s)://host[:port]/`);
  }
  if ((config.mtu ?? 0) < 0) throw invalid(`invalid default MTU: ${config.mtu}`);
  if ((config.maxConcurrentDownloads ?? 1) < 0)
    throw invalid(`invalid max concurrent downloads: ${config.maxConcurrentDownloads}`);
  if ((config.maxConcurrentUploads ?? 1) < 0)
    throw invalid(`invalid max concurrent uploads: ${config.maxConcurrentUploads}`);
  if (config.bridge && config.bridgeAddress)
    throw invalid('You specified -b & --bip, mutually exclusive options. Please specify only one');
}

function addressesOf(all: ReadonlyMap<string, Value>, runRoot: string): readonly Address[] {
  const secured = all.get('tls') === true || all.get('tlsverify') === true;
  const standard = { socket: join(runRoot, 'hoist.sock'), port: secured ? 2376 : 2375 };
  const hosts = (all.get('host') as readonly string[] | undefined) ?? ['unix://'];
  return hosts.map((host) => parseAddress(host, standard));
}

function tlsPaths(all: ReadonlyMap<string, Value>): TlsPaths | undefined {
  const verify = all.get('tlsverify') === true;
  if (!verify && all.get('tls') !== true) return undefined;
  const path = (name: string, standard: string) =>
    (all.get(name) as string | undefined) ||
    join(process.env['DOCKER_CERT_PATH'] || join(homedir(), '.docker'), standard);
  return {
    certificate: path('tlscert', 'cert.pem'),
    key: path('tlskey', 'key.pem'),
    ...(verify && { authority: path('tlscacert', 'ca.pem') }),
  };
}

const logLevels: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  fatal: 'error',
};

function logLevelOf(text: string): LogLevel {
  const level = logLevels[text];
  if (level === undefined) throw invalid(`invalid logging level: ${text}`);
  return level;
}
