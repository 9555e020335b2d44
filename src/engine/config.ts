import type { Log } from '#base/log.ts';
import type { CachePolicy } from '#build/index.ts';

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
  readonly defaultUlimits?: Readonly<
    Record<string, { readonly Name: string; readonly Soft: number; readonly Hard: number }>
  >;
  readonly defaultShmSize?: number;
  /** Every container has an init unless it says otherwise. */
  readonly init?: boolean;
  readonly noNewPrivileges?: boolean;
  readonly defaultIpcMode?: string;
  readonly defaultCgroupnsMode?: string;
  readonly logDriver?: string;
  readonly logOptions?: Readonly<Record<string, string>>;

  /** The default bridge's link, `hoist0`; `none` is no default bridge. */
  readonly bridge?: string;
  /** Its address and prefix: `172.17.0.1/16`. */
  readonly bridgeAddress?: string;
  /** The part of its network that containers get addresses of. */
  readonly fixedCidr?: string;
  readonly mtu?: number;
  /** Where ports are published that name no address. */
  readonly hostBinding?: string;
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
  /** How much of the disk the build cache may have: what is left out is the default policy's. */
  readonly buildCache?: Partial<CachePolicy>;

  /** `close` leaves containers running, for the next engine on these roots. */
  readonly liveRestore?: boolean;
  /** How long `close` waits for containers to stop. */
  readonly shutdownTimeoutSeconds?: number;
}

export const defaultRoots = { dataRoot: '/var/lib/hoist', runRoot: '/run/hoist' } as const;

/** The keys that may change while the engine runs, as dockerd's may. */
export type Reloadable = Pick<
  EngineConfig,
  'debug' | 'labels' | 'liveRestore' | 'shutdownTimeoutSeconds' | 'registryMirrors' | 'insecureRegistries'
>;
