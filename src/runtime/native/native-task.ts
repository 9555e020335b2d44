import { crashPoint } from '#base/crash-point.ts';
import { internal, invalid } from '#base/errors.ts';
import type { Cgroup } from '#linux/cgroup.ts';
import type { RuntimeProcess, RuntimeResources } from '#oci/runtime-spec.ts';
import type { AttachOptions, ExecProcess, ExecRequest, Exit, Task, TaskStats } from '../format.ts';
import { MESSAGE, OP, PROTOCOL } from '../protocol.ts';
import { type CgroupJoins, cgroupJoins, unifiedOf } from './cgroup-places.ts';
import { compileExec } from './compile.ts';
import type { Link, Reply } from './link.ts';
import { decodeReport } from './messages.ts';
import { removeRemains, shimGone } from './remains.ts';
import { createdFrom, ShimProcess } from './shim-process.ts';
import { encodeTape } from './tape.ts';

export interface TaskParts {
  readonly id: string;
  readonly directory: string;
  readonly cgroup: Cgroup;
  readonly link: Link;
  readonly pid: number;
  readonly shimPid: number;
  readonly startedAt?: Date;
  readonly warnings: readonly string[];
  readonly exit: Promise<Exit>;
}

/** A running container: its shim at the other end of a link, and its group. */
export class NativeTask implements Task {
  readonly id: string;
  readonly pid: number;
  readonly warnings: readonly string[];
  readonly #parts: TaskParts;
  readonly #init: ShimProcess;
  #startedAt: Date;
  #removal: Promise<void> | undefined;

  constructor(parts: TaskParts) {
    this.id = parts.id;
    this.pid = parts.pid;
    this.warnings = parts.warnings;
    this.#parts = parts;
    this.#startedAt = parts.startedAt ?? new Date();
    this.#init = new ShimProcess({ ...parts, index: 0 });
  }

  get startedAt(): Date {
    return this.#startedAt;
  }

  async start(): Promise<void> {
    await this.#init.release();
    crashPoint('runtime.start.released');
    this.#startedAt = new Date();
  }

  attach(options: AttachOptions) {
    return this.#init.attach(options);
  }

  attachTo(connection: number, options: AttachOptions) {
    return this.#init.attachTo(connection, options);
  }

  signal(signal: number) {
    return this.#init.signal(signal);
  }

  resize(size: { readonly width: number; readonly height: number }) {
    return this.#init.resize(size);
  }

  wait() {
    return this.#init.wait();
  }

  async exec({ process, stdin, attach }: ExecRequest): Promise<ExecProcess> {
    const { link, directory, cgroup } = this.#parts;
    const ask = (joins: CgroupJoins) => link.ask(MESSAGE.EXEC, execTape(process, stdin, joins));
    const joins = cgroupJoins(cgroup);
    let reply = await ask(joins);
    // A container that divides its own group has its processes further down: beside the init there is room.
    if (isOccupied(reply)) reply = await ask({ ...joins, ...unifiedOf(this.pid, cgroup) });
    const created = createdFrom(reply, 'exec', { program: process.args[0] ?? '' });
    const exec = new ShimProcess({ ...created, link, directory, exit: execExit(link, created.index) });
    const stream = attach === undefined ? undefined : await exec.attach(attach);
    await exec.release();
    return stream === undefined ? exec : Object.assign(exec, { stream });
  }

  pause(): Promise<void> {
    return this.#parts.cgroup.freeze();
  }

  async resume(): Promise<void> {
    await this.#parts.cgroup.thaw();
  }

  async update(resources: RuntimeResources): Promise<void> {
    this.#parts.cgroup.apply(resources);
  }

  async stats(): Promise<TaskStats> {
    return { readAt: new Date(), ...this.#parts.cgroup.stats() };
  }

  oomKills(): number {
    return this.#parts.cgroup.oomKills();
  }

  watchOomKills(maybeMore: () => void): void {
    const { cgroup, link } = this.#parts;
    const watching = cgroup.watchOomKills(maybeMore);
    void link.closed.then(() => watching[Symbol.dispose]());
  }

  async pids(): Promise<readonly number[]> {
    return this.#parts.cgroup.pids();
  }

  /** The shim may stay for attachments that have not read all: it holds nothing else of the container by then. */
  remove(): Promise<void> {
    this.#removal ??= this.#remove().finally(() => {
      this.#removal = undefined;
    });
    return this.#removal;
  }

  async #remove(): Promise<void> {
    const { link, shimPid } = this.#parts;
    const released = link.ask(MESSAGE.RELEASE, new Uint8Array());
    await released.catch(() => shimGone(shimPid));
    await this.#init.wait().catch(() => undefined);
    crashPoint('runtime.remove.shim');
    await removeRemains(this.#parts);
  }
}

function execTape(process: RuntimeProcess, stdin: boolean, joins: CgroupJoins): Uint8Array {
  const tape = encodeTape(compileExec(process, { stdin, joins }));
  if (tape.length <= PROTOCOL.MAX_MESSAGE) return tape;
  throw invalid('OCI runtime exec failed: exec failed: argument list too long: unknown');
}

const EBUSY = 16;

/** cgroup2 takes no process into a group that hands controllers down. @see Documentation/admin-guide/cgroup-v2.rst */
function isOccupied({ message }: Reply): boolean {
  if (message.type !== MESSAGE.FAILED) return false;
  const { op, errno } = decodeReport(message.body);
  return op === OP.UNIFIED_CGROUP && errno === EBUSY;
}

async function execExit(link: Link, index: number): Promise<Exit> {
  const exit = await link.exitOf(index);
  if (exit === undefined) throw internal('the shim went away before the process ended');
  const { exitCode, signal, exitedAt } = exit;
  return { exitCode, exitedAt, oomKilled: false, ...(signal !== 0 && { signal }) };
}
