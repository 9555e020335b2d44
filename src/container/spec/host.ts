import type { RuntimeDevice, RuntimeSeccomp } from '#oci/runtime-spec.ts';
import type { LimitFeatures } from '../checks/missing.ts';

/** What this machine and this engine's configuration are: constant while the engine runs. */
export interface HostFacts {
  readonly hostname: string;
  /** 1 also means hybrid. */
  readonly cgroupVersion: 1 | 2;
  /** Where containers' cgroups go unless they say otherwise: `/hoist`. */
  readonly cgroupParent: string;
  /**
   * `--cap-add`, `--cap-drop` and `--privileged` by Docker's rules, less what this machine does not let the engine give.
   *
   * @throws {EngineError} `invalid`: `invalid CapAdd: unknown capability: "CAP_FOO"`
   */
  readonly grantCapabilities: (request: CapabilityRequest) => GrantedCapabilities;
  /** The default profile for a process with these capabilities. */
  readonly defaultSeccomp: (capabilities: readonly string[]) => RuntimeSeccomp;
  /** Limits of containers that set none: `default-ulimits` of daemon.json. */
  readonly defaultUlimits?: readonly {
    readonly Name: string;
    readonly Soft: number;
    readonly Hard: number;
  }[];
  readonly defaultShmSize?: number;
  /** Whether an init is used where nothing is said. */
  readonly defaultInit?: boolean;
  readonly defaultIpcMode?: string;
  readonly defaultCgroupnsMode?: string;
  /** `no-new-privileges` of daemon.json. */
  readonly noNewPrivileges?: boolean;
  /** Reads a profile in Docker's form; `undefined` is no filter. @throws {EngineError} `invalid` in Docker's words */
  readonly readSeccomp: (json: string, capabilities: readonly string[]) => RuntimeSeccomp | undefined;
  /** A seccomp profile instead of the default, `seccomp-profile` of daemon.json. */
  readonly seccompProfile?: RuntimeSeccomp | 'unconfined';
  /** `log-driver` and `log-opts` of daemon.json. */
  readonly logConfig?: { readonly Type: string; readonly Config: Readonly<Record<string, string>> };
  readonly dns?: readonly string[];
  readonly dnsOptions?: readonly string[];
  readonly dnsSearch?: readonly string[];
  /** Which limits can be held; all when absent. */
  readonly features?: LimitFeatures;
  /** The default network of containers that name none. */
  readonly defaultNetwork?: string;
}

/** What a container asks for. */
export interface CapabilityRequest {
  readonly add: readonly string[];
  readonly drop: readonly string[];
  readonly privileged: boolean;
}

/** What it gets, and why that is less than it asked for. */
export interface GrantedCapabilities {
  readonly capabilities: readonly string[];
  readonly warnings: readonly string[];
}

/** A device node of the host. */
export interface HostDevice extends RuntimeDevice {
  /** Of `rwm`. */
  readonly access: string;
}
