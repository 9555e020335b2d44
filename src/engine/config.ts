import type { HostConfig, Ulimit } from '#api/index.ts';
import type { Log } from '#base/log.ts';

/** How an engine is set up: all but the two roots have Docker's defaults. */
export interface EngineConfig {
  /** Records, images, volumes: `/var/lib/hoist`. */
  readonly dataRoot?: string;
  /** What is gone at reboot: `/run/hoist`. */
  readonly runRoot?: string;
  readonly log?: Log;
  readonly debug?: boolean;
  readonly labels?: readonly string[];

  /** The driver for layers; chosen by what the kernel can do when absent. */
  readonly storageDriver?: string;
  readonly storageOptions?: readonly string[];

  readonly cgroupParent?: string;
  readonly defaultRuntime?: string;
  readonly defaultUlimits?: Readonly<Record<string, Ulimit>>;
  readonly defaultShmSize?: number;
  /** Every container has an init unless it says otherwise. */
  readonly init?: boolean;
  readonly logDriver?: string;
  readonly logOptions?: Readonly<Record<string, string>>;

  /** The default bridge's link, `hoist0`; `none` is no default bridge. */
  readonly bridge?: string;
  /** Its address and prefix: `172.17.0.1/16`. */
  readonly bridgeAddress?: string;
  /** The part of its network that containers get addresses of. */
  readonly fixedCidr?: string;
  readonly mtu?: number;
  /** Containers of the default bridge may talk to one another. */
  readonly interContainer?: boolean;
  readonly firewall?: boolean;
  readonly ipForward?: boolean;
  readonly ipMasquerade?: boolean;
  readonly dns?: readonly string[];
  readonly dnsSearch?: readonly string[];
  readonly dnsOptions?: readonly string[];

  readonly registryMirrors?: readonly string[];
  readonly insecureRegistries?: readonly string[];
  readonly maxConcurrentDownloads?: number;
  readonly maxConcurrentUploads?: number;

  /** `close` leaves containers running, for the next engine on these roots. */
  readonly liveRestore?: boolean;
  /** How long `close` waits for containers to stop. */
  readonly shutdownTimeoutSeconds?: number;
}

export const defaultRoots = { dataRoot: '/var/lib/hoist', runRoot: '/run/hoist' } as const;

/** What a container gets that its request leaves open. */
export interface ContainerDefaults {
  readonly cgroupParent: string;
  readonly ulimits: readonly Ulimit[];
  readonly shmSize: number;
  readonly init: boolean;
  readonly logConfig: NonNullable<HostConfig['LogConfig']>;
}

export const containerDefaults = (config: EngineConfig): ContainerDefaults => ({
  cgroupParent: config.cgroupParent || '/hoist',
  ulimits: Object.values(config.defaultUlimits ?? {}),
  shmSize: config.defaultShmSize ?? 64 << 20,
  init: config.init ?? false,
  logConfig: { Type: config.logDriver || 'json-file', Config: config.logOptions ?? {} },
});
