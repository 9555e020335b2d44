import { existsSync } from 'node:fs';
import { totalmem } from 'node:os';
import { dirname } from 'node:path';
import type { RuntimeResources } from '#oci/runtime-spec.ts';
import type { Cgroup, CgroupFeatures, CgroupStats, Cgroups } from './cgroup.ts';
import { ioStatsV1 } from './cgroup-io.ts';
import type { Hierarchy } from './cgroup-mounts.ts';
import { pollControl } from './cgroup-oom.ts';
import * as processes from './cgroup-processes.ts';
import * as tree from './cgroup-tree.ts';
import { type Directories, limitV1 } from './cgroup-v1-limits.ts';

const rename: Readonly<Record<string, string>> = { blkio: 'io' };

/** Control groups of version 1, with cgroup2 beside them or not. */
export function openV1(hierarchies: readonly Hierarchy[], unified: string | undefined): Cgroups {
  const names = hierarchies.flatMap((hierarchy) => hierarchy.controllers);
  const mountOf = (controller: string): string | undefined =>
    hierarchies.find((hierarchy) => hierarchy.controllers.includes(controller))?.directory;
  return {
    version: 1,
    driver: 'cgroupfs',
    controllers: new Set(names.map((name) => rename[name] ?? name)),
    features: featuresOf(mountOf),
    create(path, resources) {
      const group = new V1Cgroup(tree.checkedPath(path), hierarchies, unified);
      group.make(resources);
      return group;
    },
    open: (path) => new V1Cgroup(tree.checkedPath(path), hierarchies, unified),
    removeIfEmpty(path) {
      const mounts = [
        ...hierarchies.map(({ directory }) => directory),
        ...(unified === undefined ? [] : [unified]),
      ];
      tree.removeEmptyGroups(mounts.map((directory) => `${directory}${tree.checkedPath(path)}`));
    },
  };
}

function featuresOf(mountOf: (controller: string) => string | undefined): CgroupFeatures {
  const has = (controller: string, file = ''): boolean => {
    const directory = mountOf(controller);
    return directory !== undefined && existsSync(`${directory}/${file}`);
  };
  return {
    memoryLimit: has('memory', 'memory.limit_in_bytes'),
    swapLimit: has('memory', 'memory.memsw.limit_in_bytes'),
    memoryReservation: has('memory', 'memory.soft_limit_in_bytes'),
    memorySwappiness: has('memory', 'memory.swappiness'),
    oomKillDisable: has('memory', 'memory.oom_control'),
    cpuShares: has('cpu', 'cpu.shares'),
    cpuQuota: has('cpu', 'cpu.cfs_quota_us'),
    cpuset: has('cpuset'),
    pidsLimit: has('pids'),
    blkioThrottle: has('blkio', 'blkio.throttle.read_bps_device'),
  };
}

class V1Cgroup implements Cgroup {
  readonly path: string;
  readonly procs: readonly string[];
  readonly unifiedDirectory?: string;
  readonly #hierarchies: readonly Hierarchy[];
  readonly #mounts: readonly string[];
  readonly #directories: Directories;
  #warnings: readonly string[] = [];
  /** Undefined for a group that another daemon made. */
  #memory: 'limited' | 'unlimited' | undefined;

  constructor(path: string, hierarchies: readonly Hierarchy[], unified: string | undefined) {
    this.path = path;
    this.#hierarchies = hierarchies;
    this.#mounts = [
      ...hierarchies.map((hierarchy) => hierarchy.directory),
      ...(unified === undefined ? [] : [unified]),
    ];
    this.procs = this.#mounts.map((mount) => `${mount}${path}/cgroup.procs`);
    if (unified !== undefined) this.unifiedDirectory = `${unified}${path}`;
    this.#directories = Object.fromEntries(
      hierarchies.flatMap(({ controllers, directory }) =>
        controllers.map((name) => [name, `${directory}${path}`]),
      ),
    );
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  make(resources: RuntimeResources): void {
    const made: string[] = [];
    try {
      for (const mount of this.#mounts) this.#makeIn(mount, made);
      this.#memory = 'unlimited';
      this.apply(resources);
    } catch (error) {
      for (const directory of made.reverse()) tree.tryRemove(directory);
      throw error;
    }
  }

  #makeIn(mount: string, made: string[]): void {
    const isCpuset = this.#hierarchies.some(
      (one) => one.directory === mount && one.controllers.includes('cpuset'),
    );
    const make = (directory: string): 'made' | 'exists' => {
      let result = tree.makeGroupBeneath(directory);
      if (result === 'noParent' && directory !== mount) {
        make(dirname(directory));
        result = tree.makeGroup(directory);
      }
      if (result === 'made') made.push(directory);
      if (result === 'made' && isCpuset) inheritCpuset(mount, directory);
      return result === 'made' ? 'made' : 'exists';
    };
    const directory = `${mount}${this.path}`;
    if (make(directory) === 'made') return;
    tree.refuseOccupied(directory);
    if (isCpuset) inheritCpuset(mount, directory);
  }

  apply(resources: RuntimeResources): void {
    this.#warnings = limitV1(this.#directories, resources);
    if (resources.memory?.limit) this.#memory = 'limited';
  }

  pids(): readonly number[] {
    return tree.pidsIn(this.#processesIn());
  }

  async freeze(): Promise<void> {
    if (processes.canFreeze(this.unifiedDirectory)) return await processes.freeze(this.unifiedDirectory);
    await freezerState(this.#directories, 'FROZEN');
  }

  async thaw(): Promise<void> {
    if (processes.canFreeze(this.unifiedDirectory)) await processes.thaw(this.unifiedDirectory);
    await freezerState(this.#directories, 'THAWED');
  }

  async kill(): Promise<void> {
    if (processes.killAtOnce(this.unifiedDirectory)) return;
    await processes.killEach(() => this.pids());
    await this.thaw(); // version 1's frozen processes die only once thawed
  }

  oomKills(): number {
    const directory = this.#directories['memory'];
    return directory === undefined ? 0 : (tree.readTable(directory, 'memory.oom_control')['oom_kill'] ?? 0);
  }

  watchOomKills(maybeMore: () => void): Disposable {
    return pollControl(() => {
      if (this.#memory !== 'unlimited') maybeMore();
    });
  }

  stats(): CgroupStats {
    return {
      cpu: cpuStats(this.#directories),
      memory: memoryStats(this.#directories['memory']),
      pids: pidsStats(this.#directories['pids']),
      io: ioStatsV1(this.#directories['blkio']),
    };
  }

  remove(): Promise<void> {
    return tree.removeGroups(this.#mounts.map((mount) => `${mount}${this.path}`));
  }

  /** The hierarchy that surely follows every fork: cgroup2's, else one that nested engines also divide. */
  #processesIn(): string {
    return this.unifiedDirectory ?? this.#directories['freezer'] ?? `${this.#mounts[0]}${this.path}`;
  }
}

/** A new group of the cpuset hierarchy has no cpus and takes no process until its parent's are copied. */
function inheritCpuset(mount: string, directory: string): void {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) inheritedCpuset(mount, directory, file);
}

/** What a group has, or takes from the one above. */
function inheritedCpuset(mount: string, directory: string, file: string): string {
  const own = tree.readControl(directory, file);
  if (own !== '' || directory === mount) return own;
  const value = inheritedCpuset(mount, dirname(directory), file);
  tree.writeControl(directory, file, value);
  return value;
}

async function freezerState(directories: Directories, state: 'FROZEN' | 'THAWED'): Promise<void> {
  const directory = directories['freezer'];
  if (directory === undefined || tree.writeIfThere(directory, 'freezer.state', state) === 'absent') return;
  await tree.until(`Cannot set the freezer to ${state}`, () => {
    const now = tree.readControl(directory, 'freezer.state');
    // A group can stay half frozen until it is asked again.
    if (now !== state) tree.writeIfThere(directory, 'freezer.state', state);
    return now === state || now === '';
  });
}

function cpuStats({ cpu = '', cpuacct = '' }: Directories): CgroupStats['cpu'] {
  const throttling = tree.readTable(cpu, 'cpu.stat');
  return {
    totalNanoseconds: tree.readNumber(cpuacct, 'cpuacct.usage'),
    userNanoseconds: tree.readNumber(cpuacct, 'cpuacct.usage_user'),
    systemNanoseconds: tree.readNumber(cpuacct, 'cpuacct.usage_sys'),
    periods: throttling['nr_periods'] ?? 0,
    throttledPeriods: throttling['nr_throttled'] ?? 0,
    throttledNanoseconds: throttling['throttled_time'] ?? 0,
  };
}

function memoryStats(directory = ''): CgroupStats['memory'] {
  return {
    usage: tree.readNumber(directory, 'memory.usage_in_bytes'),
    limit: Math.min(
      tree.readNumber(directory, 'memory.limit_in_bytes') || Number.POSITIVE_INFINITY,
      totalmem(),
    ),
    maxUsage: tree.readNumber(directory, 'memory.max_usage_in_bytes'),
    detail: tree.readTable(directory, 'memory.stat'),
  };
}

function pidsStats(directory = ''): CgroupStats['pids'] {
  const limit = tree.readNumber(directory, 'pids.max');
  return {
    current: tree.readNumber(directory, 'pids.current'),
    ...(limit > 0 && Number.isFinite(limit) && { limit }),
  };
}
