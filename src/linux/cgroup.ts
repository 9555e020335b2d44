import { readFileSync } from 'node:fs';
import { unsupported } from '#base/errors.ts';
import type { RuntimeResources } from '#oci/runtime-spec.ts';
import { findHierarchies } from './cgroup-mounts.ts';
import { openV1 } from './cgroup-v1.ts';
import { openV2 } from './cgroup-v2.ts';

/** The machine's control groups, of whichever version: chosen once, by what is mounted. */
export interface Cgroups {
  /** 1 also where cgroup2 is mounted beside version 1's hierarchies (hybrid) and has no controller that matters. */
  readonly version: 1 | 2;
  readonly driver: 'cgroupfs';
  /** `cpu`, `memory`, `io` (blkio on version 1 goes by `io` too), … */
  readonly controllers: ReadonlySet<string>;
  readonly features: CgroupFeatures;
  /**
   * Makes the group at `path` (`/docker/<id>`, beneath every hierarchy's mount) with its limits. Made whole or not at all.
   *
   * @throws {EngineError} `invalid` for a limit that the kernel refuses, `conflict` when it exists and has processes, or
   *   (version 2) when one above it has and so keeps what the limits need
   */
  create(path: string, resources: RuntimeResources): Cgroup;
  /** The group at `path`, whether or not it is there. */
  open(path: string): Cgroup;
  /** Removes the group at `path` where it holds neither processes nor groups: the parent that an engine made for its own. */
  removeIfEmpty(path: string): void;
}

/** What can be limited here, in the words of Docker's `info`. */
export interface CgroupFeatures {
  readonly memoryLimit: boolean;
  readonly swapLimit: boolean;
  readonly memoryReservation: boolean;
  readonly memorySwappiness: boolean;
  readonly oomKillDisable: boolean;
  readonly cpuShares: boolean;
  readonly cpuQuota: boolean;
  readonly cpuset: boolean;
  readonly pidsLimit: boolean;
  readonly blkioThrottle: boolean;
}

/** One container's control group, in every hierarchy. */
export interface Cgroup {
  readonly path: string;
  /** The `cgroup.procs` files, one a hierarchy: a pid written to each is inside. */
  readonly procs: readonly string[];
  /** Its directory in the cgroup2 hierarchy where there is one: for `CLONE_INTO_CGROUP`, `cgroup.kill` and `cgroup.events`. */
  readonly unifiedDirectory?: string;
  /** What was asked of `create` or `apply` and is missing here, in Docker's wording. */
  readonly warnings: readonly string[];
  /** Changes limits; what is absent stays as it is. */
  apply(resources: RuntimeResources): void;
  stats(): CgroupStats;
  /** Every process inside, its sub-groups' too, as this process's namespace numbers them. */
  pids(): readonly number[];
  /** Resolves when every process inside has stopped. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Sends SIGKILL to every process inside, newborn ones too; they may take a moment to be gone. */
  kill(): Promise<void>;
  /** How many processes the kernel has killed here for want of memory. */
  oomKills(): number;
  /** Calls back when there may be more of them, until disposed of. */
  watchOomKills(maybeMore: () => void): Disposable;
  /** Removes the group and its sub-groups, waiting a while for dying processes. Fine when it is gone already. */
  remove(): Promise<void>;
}

/** What a group has used. Bytes and nanoseconds. */
export interface CgroupStats {
  readonly cpu: {
    readonly totalNanoseconds: number;
    readonly userNanoseconds: number;
    readonly systemNanoseconds: number;
    readonly periods: number;
    readonly throttledPeriods: number;
    readonly throttledNanoseconds: number;
  };
  /** `limit` is the machine's memory when there is none; `detail` is `memory.stat`. */
  readonly memory: {
    readonly usage: number;
    readonly limit: number;
    readonly maxUsage?: number;
    readonly detail: Readonly<Record<string, number>>;
  };
  readonly pids: { readonly current: number; readonly limit?: number };
  readonly io: readonly IoStats[];
}

export interface IoStats {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly bytes: number;
  readonly operations: number;
}

/**
 * Looks at the mounts and opens what is there.
 *
 * @param options.root where the hierarchies are mounted, `/sys/fs/cgroup` unless given
 * @throws {EngineError} `unsupported` when no control group hierarchy is mounted
 */
export function openCgroups(options: { readonly root?: string } = {}): Cgroups {
  const root = options.root ?? '/sys/fs/cgroup';
  const { v1, unified } = findHierarchies(readFileSync('/proc/self/mountinfo', 'utf8'), root);
  if (v1.some((hierarchy) => hierarchy.controllers.length > 0)) return openV1(v1, unified);
  if (unified !== undefined) return openV2(unified);
  throw unsupported(`Devices cgroup isn't mounted: no control groups at ${root}`);
}
