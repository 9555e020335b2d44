import { closeSync, mkdirSync, rmSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { crashPoint } from '#base/crash-point.ts';
import type { Log } from '#base/log.ts';
import { undone } from '#base/undo.ts';
import { type Cgroup, type Cgroups, openCgroups } from '#linux/cgroup.ts';
import { memoryFile, openNull, sealedProgram, socketPair } from '#linux/process.ts';
import { compileSeccomp } from '#linux/seccomp.ts';
import { buildDirectory, spawn } from '#linux/sys.ts';
import type { ContainerFormat, Exit, Task, TaskRequest } from '../format.ts';
import { MESSAGE } from '../protocol.ts';
import { cgroupJoins, cgroupViews } from './cgroup-places.ts';
import { compileTask } from './compile.ts';
import { connectShim } from './connect.ts';
import { EndedTask, exitFrom, loseTask } from './ended-task.ts';
import { findExitRecord, findStart } from './exit-record.ts';
import { warningTexts } from './failure.ts';
import { type Link, openLink } from './link.ts';
import { decodeState } from './messages.ts';
import { NativeTask } from './native-task.ts';
import { removeRemains, shimGone } from './remains.ts';
import { createdFrom } from './shim-process.ts';
import { encodeTape } from './tape.ts';

export interface NativeFormatOptions {
  readonly log: Log;
  /** The machine's; opened when absent. */
  readonly cgroups?: Cgroups;
  /** The compiled shim; that of this checkout when absent. */
  readonly shimPath?: string;
}

/** Containers of our own making: a tape compiled here, played by a shim. */
export function nativeFormat(options: NativeFormatOptions): ContainerFormat {
  const cgroups = options.cgroups ?? openCgroups();
  const links = new Set<Link>();
  let program: Program | undefined;
  const shim = () => {
    program ??= openProgram(options.shimPath ?? join(buildDirectory, 'hoist-shim'), options.log);
    return program.path;
  };
  return {
    name: 'native',
    create: (request) => create(request, { cgroups, shim: shim(), log: options.log, links }),
    restore: (id, directory, cgroupsPath) =>
      restore(id, directory, cgroups.open(cgroupsPath), { log: options.log, links }),
    close: async () => {
      for (const link of links) link.detach();
      if (program?.fd !== undefined) closeSync(program.fd);
      program = undefined;
    },
  };
}

interface Program {
  readonly path: string;
  readonly fd?: number;
}

/** The sealed copy; where the machine forbids programs in memory (vm.memfd_noexec), the file itself. */
function openProgram(path: string, log: Log): Program {
  try {
    return sealedProgram(path);
  } catch (error) {
    log.warn('shim runs from its file, which containers with CAP_SYS_PTRACE may reach', { error });
    return { path };
  }
}

interface Tools {
  readonly log: Log;
  /** Those that are open. */
  readonly links: Set<Link>;
}

async function create(
  request: TaskRequest,
  { cgroups, shim, log, links }: Tools & { readonly cgroups: Cgroups; readonly shim: string },
): Promise<Task> {
  const { id, directory, spec } = request;
  await using undo = new AsyncDisposableStack();
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  undo.use(undone(() => rmSync(directory, { recursive: true, force: true })));
  const cgroup = cgroups.create(spec.linux.cgroupsPath ?? `/hoist/${id}`, spec.linux.resources ?? {});
  undo.use(undone(() => cgroup.remove()));
  crashPoint('runtime.create.cgroup');
  const seccomp = spec.linux.seccomp === undefined ? undefined : compileSeccomp(spec.linux.seccomp);
  const plan = {
    request,
    joins: cgroupJoins(cgroup),
    cgroups: cgroupViews(cgroup),
    ...(seccomp && { seccomp }),
  };
  const { link, pid: shimPid } = await startShim(shim, encodeTape(compileTask(plan)), request);
  undo.use(undone(() => endShim(link, shimPid)));
  crashPoint('runtime.create.shim');
  const birth = await link.birth;
  const { pid } = createdFrom(birth, 'create', { program: spec.process.args[0] ?? '', mounts: spec.mounts });
  crashPoint('runtime.create.created');
  undo.move();
  const exit = exitOfInit({ link, shimPid, directory, cgroup, log });
  keepLink(link, links);
  void link.closed.then((how) => (how === 'ended' ? shimGone(shimPid) : undefined));
  const warnings = [...cgroup.warnings, ...new Set(birth.warnings.flatMap(warningTexts))];
  return new NativeTask({ id, directory, cgroup, link, pid, shimPid, warnings, exit });
}

/** Starts a shim on a tape. It dies with the link until its container has started. */
async function startShim(
  path: string,
  tape: Uint8Array,
  { id, rootfs }: TaskRequest,
): Promise<{ readonly link: Link; readonly pid: number }> {
  const [ours, theirs] = socketPair();
  const nothing = openNull();
  const memory = memoryFile('tape', tape);
  try {
    const fds = [nothing, nothing, nothing, theirs, memory, rootfs];
    const pid = await spawn(path, ['hoist-shim', id], [], fds);
    return { link: openLink(new Socket({ fd: ours, readable: true, writable: true })), pid };
  } finally {
    for (const fd of [nothing, theirs, memory]) closeSync(fd);
  }
}

async function endShim(link: Link, pid: number): Promise<void> {
  link.close();
  await shimGone(pid);
}

function keepLink(link: Link, links: Set<Link>): void {
  links.add(link);
  void link.closed.then(() => links.delete(link));
}

async function restore(
  id: string,
  directory: string,
  cgroup: Cgroup,
  { log, links }: Tools,
): Promise<Task | undefined> {
  const socket = await connectShim(directory);
  if (socket === undefined) return restoreEnded(id, directory, cgroup, log);
  const link = openLink(socket);
  const reply = await link.ask(MESSAGE.WATCH, new Uint8Array()).catch(() => undefined);
  if (reply === undefined) return restoreEnded(id, directory, cgroup, log); // it was undoing itself
  const { message } = reply;
  keepLink(link, links);
  const { pid, startedAt, shimPid } = decodeState(message.body);
  const exit = exitOfInit({ link, shimPid, directory, cgroup, log });
  return new NativeTask({ id, directory, cgroup, link, pid, shimPid, startedAt, warnings: [], exit });
}

/** What ended while no daemon watched: its record, or what can be said of one that lost its shim. */
async function restoreEnded(
  id: string,
  directory: string,
  cgroup: Cgroup,
  log: Log,
): Promise<Task | undefined> {
  const startedAt = findStart(directory);
  const record = findExitRecord(directory);
  if (startedAt === undefined && record === undefined) {
    await removeRemains({ cgroup, directory }); // half-made, or nothing at all
    return undefined;
  }
  if (record === undefined) log.warn('container lost its shim', { id });
  return new EndedTask({
    id,
    directory,
    cgroup,
    startedAt,
    record: record ?? (await loseTask(directory, cgroup)),
  });
}

/**
 * The exit of a container's init, from the shim's word. Where the connection was lost, or the shim killed, from what is
 * on disk once the shim is gone.
 */
async function exitOfInit({ link, shimPid, directory, cgroup, log }: Watched): Promise<Exit> {
  const told = await link.exitOf(0);
  if (told !== undefined) return exitFrom(told, cgroup);
  await shimGone(shimPid);
  const record = findExitRecord(directory);
  if (record === undefined) log.warn('shim ended before its container', { directory });
  return exitFrom(record ?? (await loseTask(directory, cgroup)), cgroup);
}

interface Watched {
  readonly link: Link;
  readonly shimPid: number;
  readonly directory: string;
  readonly cgroup: Cgroup;
  readonly log: Log;
}
