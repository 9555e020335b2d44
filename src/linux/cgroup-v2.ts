import { existsSync, readdirSync } from 'node:fs';
import { totalmem } from 'node:os';
import { pid as ownPid } from 'node:process';
import { conflict } from '#base/errors.ts';
import type { RuntimeResources } from '#oci/runtime-spec.ts';
import type { Cgroup, CgroupFeatures, CgroupStats, Cgroups } from './cgroup.ts';
import { ioStatsV2 } from './cgroup-io.ts';
import { watchControl } from './cgroup-oom.ts';
import * as processes from './cgroup-processes.ts';
import * as tree from './cgroup-tree.ts';
import { controllersFor, limitV2 } from './cgroup-v2-limits.ts';

/** Handed down to every group where the kernel has them. */
const wanted = ['cpu', 'cpuset', 'io', 'memory', 'pids', 'hugetlb', 'rdma', 'misc'];

/** Control groups of version 2, and nothing of version 1. */
export function openV2(mount: string): Cgroups {
  const controllers = new Set(controllersIn(mount));
  return {
    version: 2,
    driver: 'cgroupfs',
    controllers,
    features: featuresOf(mount, controllers),
    create(path, resources) {
      const group = new V2Cgroup(tree.checkedPath(path), mount);
      group.make(resources);
      return group;
    },
    open: (path) => new V2Cgroup(tree.checkedPath(path), mount),
    removeIfEmpty: (path) => tree.removeEmptyGroups([`${mount}${tree.checkedPath(path)}`]),
  };
}

const controllersIn = (directory: string): string[] =>
  tree.readControl(directory, 'cgroup.controllers').split(' ').filter(Boolean);

function featuresOf(mount: string, controllers: ReadonlySet<string>): CgroupFeatures {
  return {
    memoryLimit: controllers.has('memory'),
    swapLimit: controllers.has('memory') && hasSwapLimit(mount),
    memoryReservation: controllers.has('memory'),
    memorySwappiness: false,
    oomKillDisable: false,
    cpuShares: controllers.has('cpu'),
    cpuQuota: controllers.has('cpu'),
    cpuset: controllers.has('cpuset'),
    pidsLimit: controllers.has('pids'),
    blkioThrottle: controllers.has('io'),
  };
}

/** Only groups below the root have the file, so one that there is is looked at; where there is none, the kernel is believed. */
function hasSwapLimit(mount: string): boolean {
  const groups = readdirSync(mount, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const limited = groups.filter(({ name }) => existsSync(`${mount}/${name}/memory.max`));
  return limited.length === 0 || limited.some(({ name }) => existsSync(`${mount}/${name}/memory.swap.max`));
}

class V2Cgroup implements Cgroup {
  readonly path: string;
  readonly procs: readonly string[];
  readonly unifiedDirectory: string;
  readonly #mount: string;
  #warnings: readonly string[] = [];

  constructor(path: string, mount: string) {
    this.path = path;
    this.unifiedDirectory = `${mount}${path}`;
    this.procs = [`${this.unifiedDirectory}/cgroup.procs`];
    this.#mount = mount;
  }

  get warnings(): readonly string[] {
    return this.#warnings;
  }

  make(resources: RuntimeResources): void {
    const made: string[] = [];
    try {
      let parent = this.#mount;
      const asked = controllersFor(resources);
      for (const directory of tree.levels(this.#mount, this.path)) {
        const kept = handDown(parent);
        if (tree.makeGroup(directory) === 'made') made.push(directory);
        else if (directory === this.unifiedDirectory) tree.refuseOccupied(directory);
        if (asked.some((name) => kept.includes(name))) throw cannotEnter(directory, 'an invalid state');
        checkType(directory, asked);
        parent = directory;
      }
      this.apply(resources);
    } catch (error) {
      for (const directory of made.reverse()) tree.tryRemove(directory);
      throw error;
    }
  }

  apply(resources: RuntimeResources): void {
    this.#warnings = limitV2(this.unifiedDirectory, resources);
  }

  pids(): readonly number[] {
    return tree.pidsIn(this.unifiedDirectory);
  }

  freeze(): Promise<void> {
    return processes.freeze(this.unifiedDirectory);
  }

  thaw(): Promise<void> {
    return processes.thaw(this.unifiedDirectory);
  }

  async kill(): Promise<void> {
    if (!processes.killAtOnce(this.unifiedDirectory)) await processes.killEach(() => this.pids());
  }

  oomKills(): number {
    return tree.readTable(this.unifiedDirectory, 'memory.events')['oom_kill'] ?? 0;
  }

  watchOomKills(maybeMore: () => void): Disposable {
    return watchControl(`${this.unifiedDirectory}/memory.events`, maybeMore);
  }

  stats(): CgroupStats {
    const directory = this.unifiedDirectory;
    return {
      cpu: cpuStats(directory),
      memory: memoryStats(directory),
      pids: pidsStats(directory),
      io: ioStatsV2(directory),
    };
  }

  remove(): Promise<void> {
    return tree.removeGroups([this.unifiedDirectory]);
  }
}

/**
 * Lets the groups below `directory` have every controller that it has itself. One that cannot be had is left out: its
 * limits then meet no file and end as warnings.
 *
 * @returns those that it keeps, having processes of its own
 */
function handDown(directory: string): readonly string[] {
  const given = new Set(tree.readControl(directory, 'cgroup.subtree_control').split(' '));
  const lacking = controllersIn(directory).filter((name) => wanted.includes(name) && !given.has(name));
  if (lacking.length === 0) return [];
  if (isOccupied(directory)) return lacking;
  if (write(directory, lacking.map((name) => `+${name}`).join(' '))) return [];
  for (const name of lacking) write(directory, `+${name}`);
  return [];
}

/**
 * A group below one with threads of other groups can hold processes only as a threaded one, and then without limits.
 *
 * @throws {EngineError} `conflict` when limits are asked for, with runc's wording
 */
function checkType(directory: string, asked: readonly string[]): void {
  const type = tree.readControl(directory, 'cgroup.type');
  if (type === 'domain' || type === '') return;
  if (asked.length > 0)
    throw cannotEnter(directory, type === 'domain invalid' ? 'an invalid state' : `${type} mode`);
  if (type === 'domain invalid') tree.writeControl(directory, 'cgroup.type', 'threaded');
}

const cannotEnter = (directory: string, state: string) =>
  conflict(`cannot enter cgroupv2 ${JSON.stringify(directory)} with domain controllers -- it is in ${state}`);

function write(directory: string, controllers: string): boolean {
  try {
    tree.writeControl(directory, 'cgroup.subtree_control', controllers);
    return true;
  } catch {
    return false;
  }
}

/**
 * Whether a group has processes, and so may not hand down controllers: only the root may do both. (Some could be, but
 * would make the groups below invalid.) When this very process is all that is in the way, the daemon alone in a
 * container, it moves to a group of its own beside the containers'.
 */
function isOccupied(directory: string): boolean {
  const isRoot = tree.readControl(directory, 'cgroup.type') === '';
  if (isRoot) return false;
  const inside = tree.readControl(directory, 'cgroup.procs').split('\n').filter(Boolean).map(Number);
  if (inside.length !== 1 || inside[0] !== ownPid) return inside.length > 0;
  tree.makeGroup(`${directory}/hoistd`);
  tree.writeControl(`${directory}/hoistd`, 'cgroup.procs', ownPid);
  return false;
}

function cpuStats(directory: string): CgroupStats['cpu'] {
  const stat = tree.readTable(directory, 'cpu.stat');
  const nanoseconds = (name: string): number => (stat[name] ?? 0) * 1000;
  return {
    totalNanoseconds: nanoseconds('usage_usec'),
    userNanoseconds: nanoseconds('user_usec'),
    systemNanoseconds: nanoseconds('system_usec'),
    periods: stat['nr_periods'] ?? 0,
    throttledPeriods: stat['nr_throttled'] ?? 0,
    throttledNanoseconds: nanoseconds('throttled_usec'),
  };
}

function memoryStats(directory: string): CgroupStats['memory'] {
  const peak = tree.readNumber(directory, 'memory.peak'); // kernel 5.19
  return {
    usage: tree.readNumber(directory, 'memory.current'),
    limit: Math.min(tree.readNumber(directory, 'memory.max') || Number.POSITIVE_INFINITY, totalmem()),
    ...(peak > 0 && { maxUsage: peak }),
    detail: tree.readTable(directory, 'memory.stat'),
  };
}

function pidsStats(directory: string): CgroupStats['pids'] {
  const limit = tree.readNumber(directory, 'pids.max');
  return {
    current: tree.readNumber(directory, 'pids.current'),
    ...(limit > 0 && Number.isFinite(limit) && { limit }),
  };
}
