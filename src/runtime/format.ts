import type { Duplex } from 'node:stream';
import type { CgroupStats } from '#linux/cgroup.ts';
import type { RuntimeProcess, RuntimeResources, RuntimeSpec } from '#oci/runtime-spec.ts';

/**
 * How a container's network comes to be, as datagrams that the network room has encoded and the runtime only plays.
 *
 * `host` are sent in the host's namespace once the container's exists: at `netnsFdOffset` (when given) the descriptor of
 * the new network namespace is written into the datagram first, 4 bytes little-endian. `inner` are sent inside it.
 * Each is one NETLINK_ROUTE request with its acknowledgement awaited; the first error ends the start.
 */
export interface NetworkPlan {
  readonly host: readonly { readonly bytes: Uint8Array; readonly netnsFdOffset?: number }[];
  readonly inner: readonly Uint8Array[];
}

export interface LogTarget {
  readonly path: string;
  /** Rotation: at `maxBytes` the file is renamed to `<path>.1` and so on up to `maxFiles`. Absent: one file, no limit. */
  readonly maxBytes?: number;
  readonly maxFiles?: number;
}

export interface TaskRequest {
  readonly id: string;
  /** This task's directory under the run root; the format keeps its socket and exit record in it. Made by the format. */
  readonly directory: string;
  readonly spec: RuntimeSpec;
  /** A detached mount (`MountedRootfs.fd`) that becomes the root; `spec.root.path` is then for show. */
  readonly rootfs: number;
  readonly network?: NetworkPlan;
  /** Standard input stays open for attaches; with `stdinOnce` the end of the first attach closes it. */
  readonly stdin: boolean;
  readonly stdinOnce: boolean;
  readonly log?: LogTarget;
  /** Runs the process under a minimal init that reaps and forwards signals (`--init`). */
  readonly init?: boolean;
}

/** How a process ended. `exitCode` is 128 + signal when a signal ended it. */
export interface Exit {
  readonly exitCode: number;
  readonly signal?: number;
  readonly exitedAt: Date;
  readonly oomKilled: boolean;
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/**
 * A process with streams: a task's init, or an exec.
 *
 * `attach` resolves once the process's keeper has taken the attachment, so that what is printed from then on arrives.
 * What it yields is raw bytes under a terminal, else Docker's multiplexed frames (8-byte header, `#api` § attach);
 * what is written goes to standard input, whose end (when asked for) closes it. The stream ends with the process.
 */
export interface AttachedProcess {
  readonly pid: number;
  attach(options: AttachOptions): Promise<Duplex>;
  /**
   * Attaches a connection itself, given by its descriptor, of which a copy is kept: the process's output then goes past
   * this program. `declined` where that cannot be had now.
   */
  attachTo?(connection: number, options: AttachOptions): Promise<'attached' | 'declined'>;
  signal(signal: number): Promise<'sent' | 'gone'>;
  resize(size: { readonly width: number; readonly height: number }): Promise<void>;
  /** Resolves when the process has ended, however often it is called, also when it ended under an earlier daemon. */
  wait(): Promise<Exit>;
}

export interface ExecRequest {
  readonly id: string;
  readonly process: RuntimeProcess;
  readonly stdin: boolean;
  /** Attach before the first instruction, so that not one byte is lost. Absent: detached. */
  readonly attach?: AttachOptions;
}

export interface ExecProcess extends AttachedProcess {
  /** The stream asked for with `ExecRequest.attach`. */
  readonly stream?: Duplex;
}

/** A container's running init process and what surrounds it. */
export interface Task extends AttachedProcess {
  readonly id: string;
  readonly startedAt: Date;
  /** What could not be had and was gone without: clamped rlimits, missing controllers. Shown as warnings. */
  readonly warnings: readonly string[];
  /** Lets the created process run. Until then it is set up and waits. */
  start(): Promise<void>;
  exec(request: ExecRequest): Promise<ExecProcess>;
  pause(): Promise<void>;
  resume(): Promise<void>;
  update(resources: RuntimeResources): Promise<void>;
  stats(): Promise<TaskStats>;
  /** How many processes inside the kernel has killed for want of memory. */
  oomKills(): number;
  /** Calls back when there may be more of them, as long as the task is there. */
  watchOomKills(maybeMore: () => void): void;
  /** Host pids of every process inside. */
  pids(): Promise<readonly number[]>;
  /** Kills whatever is left, and gives back cgroup, directory and shim. Fine when all is gone. */
  remove(): Promise<void>;
}

/** What a task's control group has used, and when that was read. */
export interface TaskStats extends CgroupStats {
  readonly readAt: Date;
}

/** A way to run containers: `native`, and later `oci` (runc, crun…) and `lxc`. */
export interface ContainerFormat {
  readonly name: string;
  /**
   * Makes namespaces, cgroup, mounts and network; the process exists and waits for `start`. Undone whole on failure.
   *
   * @throws {EngineError} in Docker's words; `invalid` when what was asked for cannot run (`executable file not found`,
   * `permission denied`, no such working directory, no source of a bind), else `internal`
   */
  create(request: TaskRequest): Promise<Task>;
  /** Takes back a task that an earlier daemon made: running, or ended meanwhile. `undefined` when there is no trace of it. */
  restore(id: string, directory: string, cgroupsPath: string): Promise<Task | undefined>;
  /** Lets go of every task: they run on, their waits never end here, and nothing keeps this program alive. */
  close(): Promise<void>;
}
