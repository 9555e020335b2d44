import type { Duplex } from 'node:stream';
import type { FileSource } from '#archive/file-source.ts';
import type { Digest } from '#oci/digest.ts';

/** A mount of a RUN, read (`--mount=type=…`), its sources resolved by the solver. */
export type StepMount =
  | {
      readonly type: 'bind';
      readonly target: string;
      readonly source: string;
      readonly writable: boolean;
      /** A stage or image by its layers, or a context's files. */
      readonly from: { readonly layers: readonly Digest[] } | { readonly files: FileSource };
    }
  | {
      readonly type: 'cache';
      readonly target: string;
      readonly id: string;
      readonly sharing: 'shared' | 'private' | 'locked';
      readonly readonly: boolean;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      /** What a new cache begins with. */
      readonly from?: { readonly layers: readonly Digest[] } | { readonly files: FileSource };
      readonly source: string;
    }
  | { readonly type: 'tmpfs'; readonly target: string; readonly size?: number }
  | {
      readonly type: 'secret';
      readonly id: string;
      /** undefined: not given, and not required. */
      readonly content: Buffer | undefined;
      readonly target?: string;
      readonly env?: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
    }
  | {
      readonly type: 'ssh';
      readonly id: string;
      readonly target?: string;
      readonly mode: number;
      readonly uid: number;
      readonly gid: number;
      /** A connection to the client's agent; undefined when none is offered and it is not required. */
      readonly connect: (() => Promise<Duplex>) | undefined;
    };

/** Limits and surroundings of every step of a build. */
export interface StepSurroundings {
  readonly extraHosts: readonly string[];
  readonly ulimits: readonly { readonly Name: string; readonly Soft: number; readonly Hard: number }[];
  readonly shmSize?: number;
  readonly memory?: number;
  readonly memorySwap?: number;
  readonly cpuShares?: number;
  readonly cpuPeriod?: number;
  readonly cpuQuota?: number;
  readonly cpusetCpus?: string;
  readonly cpusetMems?: string;
  readonly cgroupParent?: string;
  readonly securityOpt?: readonly string[];
}

export interface StepRequest {
  /** 64 hex digits: names snapshot, cgroup, task and endpoint. */
  readonly id: string;
  readonly layers: readonly Digest[];
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly workingDirectory: string;
  readonly user: string;
  readonly mounts: readonly StepMount[];
  /** `none`, `host`, `default`, `container:NAME`, or a network's name. */
  readonly network: string;
  readonly hostname?: string;
  readonly insecure: boolean;
  readonly surroundings: StepSurroundings;
  /** Takes what the process prints, as it comes; the process waits while a promise of it is pending. Its standard input is empty. */
  readonly output: (stream: 1 | 2, bytes: Buffer) => void | Promise<void>;
  /** Seconds: no time in the layer is later. */
  readonly epoch: number;
  readonly signal: AbortSignal;
}

export interface StepResult {
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** The layer of what changed, stored and held (`held`), when the process ended with 0; undefined when nothing changed. */
  readonly layer?: Digest;
  readonly size: number;
  readonly held: Disposable;
}

/** Runs RUNs. Whatever happens, nothing of one stays but its layer. Throws what a start throws; `cancelled` on the signal. */
export interface StepRunner {
  run(request: StepRequest): Promise<StepResult>;
  /** @throws {EngineError} `invalid` for limits that the host cannot keep */
  check(surroundings: StepSurroundings): void;
  /** Resolves when all that steps had is given back: what one that ended had may be so a moment later. */
  settled(): Promise<void>;
  /** Directories of cache mounts: for `du` and prune. */
  caches(): readonly {
    readonly id: string;
    readonly size: number;
    readonly createdAt: string;
    readonly lastUsedAt: string;
    readonly uses: number;
    readonly inUse: boolean;
  }[];
  removeCache(id: string): Promise<void>;
  /** Removes what a crash left. At boot. */
  recover(): Promise<void>;
  close(): Promise<void>;
}
