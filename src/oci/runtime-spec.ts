/**
 * The OCI runtime specification 1.2 (config.md, config-linux.md): the part that the engine writes and its container
 * formats read. Field names are the specification's own, so that a bundle's config.json is this object.
 */
export interface RuntimeSpec {
  readonly ociVersion: string;
  readonly process: RuntimeProcess;
  readonly root: { readonly path: string; readonly readonly?: boolean };
  readonly hostname?: string;
  readonly domainname?: string;
  /** In the order they are to be made. */
  readonly mounts: readonly RuntimeMount[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly linux: RuntimeLinux;
}

export interface RuntimeProcess {
  readonly terminal?: boolean;
  readonly consoleSize?: { readonly height: number; readonly width: number };
  readonly user: RuntimeUser;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly capabilities?: Readonly<Record<CapabilitySet, readonly string[]>>;
  readonly rlimits?: readonly { readonly type: string; readonly soft: number; readonly hard: number }[];
  readonly noNewPrivileges?: boolean;
  readonly apparmorProfile?: string;
  readonly oomScoreAdj?: number;
  readonly selinuxLabel?: string;
}

export type CapabilitySet = 'bounding' | 'effective' | 'inheritable' | 'permitted' | 'ambient';

export interface RuntimeUser {
  readonly uid: number;
  readonly gid: number;
  readonly umask?: number;
  readonly additionalGids?: readonly number[];
}

export interface RuntimeMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  /** mount(8)'s words: `ro`, `nosuid`, `rbind`, `rslave`, `mode=755`, … */
  readonly options: readonly string[];
}

export type NamespaceType = 'pid' | 'network' | 'ipc' | 'mount' | 'uts' | 'cgroup' | 'user';

export interface RuntimeLinux {
  /** A namespace with a path is joined, without one is made, not listed is the host's. */
  readonly namespaces: readonly { readonly type: NamespaceType; readonly path?: string }[];
  readonly devices?: readonly RuntimeDevice[];
  /** Beneath each controller's mount point, `/docker/<id>` for one. */
  readonly cgroupsPath?: string;
  readonly resources?: RuntimeResources;
  readonly seccomp?: RuntimeSeccomp;
  readonly maskedPaths?: readonly string[];
  readonly readonlyPaths?: readonly string[];
  readonly sysctl?: Readonly<Record<string, string>>;
  readonly rootfsPropagation?: string;
}

export interface RuntimeDevice {
  readonly path: string;
  readonly type: 'c' | 'b' | 'u' | 'p';
  readonly major: number;
  readonly minor: number;
  readonly fileMode?: number;
  readonly uid?: number;
  readonly gid?: number;
}

/** Limits; absent means unlimited or the parent's. Bytes, microseconds and counts as in config-linux.md. */
export interface RuntimeResources {
  readonly devices?: readonly DeviceRule[];
  readonly memory?: {
    readonly limit?: number;
    readonly reservation?: number;
    /** memory *and* swap, as in the spec; -1 is unlimited swap. */
    readonly swap?: number;
    readonly swappiness?: number;
    readonly disableOOMKiller?: boolean;
  };
  readonly cpu?: {
    readonly shares?: number;
    readonly quota?: number;
    readonly period?: number;
    readonly realtimeRuntime?: number;
    readonly realtimePeriod?: number;
    readonly cpus?: string;
    readonly mems?: string;
  };
  readonly pids?: { readonly limit: number };
  readonly blockIO?: {
    readonly weight?: number;
    readonly weightDevice?: readonly {
      readonly major: number;
      readonly minor: number;
      readonly weight: number;
    }[];
    readonly throttleReadBpsDevice?: readonly ThrottleDevice[];
    readonly throttleWriteBpsDevice?: readonly ThrottleDevice[];
    readonly throttleReadIOPSDevice?: readonly ThrottleDevice[];
    readonly throttleWriteIOPSDevice?: readonly ThrottleDevice[];
  };
}

export interface ThrottleDevice {
  readonly major: number;
  readonly minor: number;
  readonly rate: number;
}

export interface DeviceRule {
  readonly allow: boolean;
  /** `a` (all) when absent; so are major and minor `*`. */
  readonly type?: 'a' | 'b' | 'c';
  readonly major?: number;
  readonly minor?: number;
  /** Of `r`, `w`, `m`. */
  readonly access?: string;
}

/** config-linux.md § Seccomp; compiled to BPF by `#linux/seccomp.ts`. */
export interface RuntimeSeccomp {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures?: readonly string[];
  readonly syscalls?: readonly {
    readonly names: readonly string[];
    readonly action: string;
    readonly errnoRet?: number;
    readonly args?: readonly {
      readonly index: number;
      readonly value: number | bigint;
      readonly valueTwo?: number | bigint;
      readonly op: string;
    }[];
  }[];
}
