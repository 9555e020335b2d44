import { crashPoint } from '#base/crash-point.ts';
import { conflict, messageOf } from '#base/errors.ts';
import type { Sandbox } from '#network/networks.ts';
import type { Task } from '#runtime/format.ts';
import { readTextBeneath } from '#runtime/rootfs.ts';
import type { Container } from './container.ts';
import { devicesOf } from './devices.ts';
import { watchExit } from './exit.ts';
import { after, mayFollow } from './life.ts';
import { logTarget } from './log-target.ts';
import { prepareMounts, releaseMounts } from './mounts/prepare.ts';
import { networkFiles, writeNetworkFiles } from './network-files.ts';
import { attachRequest } from './networking.ts';
import { watchOom } from './oom.ts';
import { peersOf } from './peers.ts';
import { serveNames } from './resolver.ts';
import type { Rooms } from './rooms.ts';
import type { Peers } from './spec/namespaces.ts';
import { runtimeSpec } from './spec/spec.ts';
import { containerUser } from './spec/user.ts';
import { startExitCode } from './start-failure.ts';
import { steps } from './steps.ts';
import type { PendingAttachment } from './streams/pending.ts';
import { tell } from './tell.ts';

/** Starts a container that is created, exited or waits for its restart. The caller holds its lock. */
export async function startContainer(container: Container, rooms: Rooms): Promise<void> {
  checkStartable(container, rooms);
  try {
    const task = await acquireTask(container, rooms);
    recordStart(container, task, rooms);
  } catch (error) {
    recordFailure(container, error, rooms);
    throw error;
  }
}

function checkStartable({ state: { status } }: Container, { closing }: Rooms): void {
  if (closing.aborted) throw conflict('the engine is closing');
  if (status === 'paused') throw conflict('cannot start a paused container, try unpause instead');
  if (!mayFollow(status, 'started')) throw conflict('container is marked for removal and cannot be started');
}

/** Acquires all that a running container has. Whatever fails, what was acquired is released, newest first. */
async function acquireTask(container: Container, rooms: Rooms): Promise<Task> {
  const { id, record } = container;
  const step = steps(rooms);
  await using undo = new AsyncDisposableStack();
  const peers = peersOf(container, rooms);
  await using rootfs = await rooms.snapshotter.mount(id, {
    volatile: record.hostConfig.AutoRemove === true,
    beneath: rooms.paths.mountPoints,
  });
  undo.defer(() => releaseMounts(container, rooms));
  await prepareMounts(container, rooms);
  step(id, 'filesystem', rooms.snapshotter.name);
  crashPoint('container.start:mounted');

  const sandbox = await acquireSandbox(container, undo, rooms);
  step(
    id,
    'network',
    sandbox?.endpoints.map(({ networkName }) => networkName).join(', ') ||
      (record.hostConfig.NetworkMode ?? ''),
  );
  writeNetworkFiles(container, sandbox, rooms);
  step(id, 'address', sandbox?.endpoints.map(({ address }) => address).join(', ') || 'none');
  crashPoint('container.start:network');

  const task = undo.use(
    ownedTask(await createTask(container, { rootfs: rootfs.fd, sandbox, peers }, rooms)),
  ).task;
  crashPoint('container.start:created');
  await Promise.all([
    rooms.networks.settle(id),
    serveNames(container, task, rooms),
    connectPending(container, task),
  ]);
  await task.start();
  crashPoint('container.start:started');
  step(id, 'process', String(task.pid));
  undo.move();
  step(id, 'output', rooms.paths.containerLog(id));
  return task;
}

const ownedTask = (task: Task) => ({ task, [Symbol.asyncDispose]: () => task.remove() });

async function acquireSandbox(
  container: Container,
  undo: AsyncDisposableStack,
  { networks }: Rooms,
): Promise<Sandbox | undefined> {
  const request = attachRequest(container.record);
  if (request === undefined) return undefined;
  const sandbox = await networks.attach(request);
  undo.defer(() => networks.release(container.id));
  return sandbox;
}

function createTask(
  container: Container,
  given: { readonly rootfs: number; readonly sandbox: Sandbox | undefined; readonly peers: Peers },
  rooms: Rooms,
): Promise<Task> {
  const { id, record } = container;
  const { config, hostConfig } = record;
  const { devices, numbers } = devicesOf(hostConfig);
  const user = containerUser({
    user: config.User ?? '',
    groups: hostConfig.GroupAdd ?? [],
    passwd: readTextBeneath(given.rootfs, '/etc/passwd'),
    group: readTextBeneath(given.rootfs, '/etc/group'),
  });
  const files = networkFiles(record, rooms);
  const log = logTarget(record, rooms.paths);
  return rooms.runtime.create({
    id,
    directory: rooms.paths.task(id),
    rootfs: given.rootfs,
    spec: runtimeSpec({
      record,
      facts: rooms.facts,
      user,
      peers: given.peers,
      devices,
      deviceNumbers: numbers,
      rootPath: '/',
      ...(files === undefined ? {} : { files }),
    }),
    stdin: config.OpenStdin === true,
    stdinOnce: config.StdinOnce === true,
    init: hostConfig.Init ?? rooms.facts.defaultInit ?? false,
    ...(given.sandbox === undefined ? {} : { network: given.sandbox.plan }),
    ...(log === undefined ? {} : { log }),
  });
}

/** Makes good the attachments that came before the start, so that they miss not one byte. */
async function connectPending(container: Container, task: Task): Promise<void> {
  const all = [...container.pending];
  container.pending.clear();
  await Promise.all(all.map((pending) => connectStream(pending, task)));
}

async function connectStream({ options, stream }: PendingAttachment, task: Task): Promise<void> {
  const { offered } = stream;
  const fd = offered?.fd;
  if (fd !== undefined && (await task.attachTo?.(fd, options)) === 'attached') offered?.taken();
  else stream.connect(await task.attach(options));
}

function recordStart(container: Container, task: Task, rooms: Rooms): void {
  container.task = task;
  container.oomKillsTold = 0;
  container.ended ??= Promise.withResolvers<void>();
  rooms.store.change(container, {
    status: after(container.state.status, 'started'),
    startedAt: task.startedAt.toISOString(),
    pid: task.pid,
    exitCode: 0,
    error: '',
    oomKilled: false,
    stoppedByHand: false,
  });
  crashPoint('container.start:recorded');
  tell(rooms, container, 'start');
  for (const warning of task.warnings)
    rooms.log.warn('container started without', { id: container.id, warning });
  watchOom(container, task, rooms);
  watchExit(container, task, rooms);
}

/** A start that failed leaves the status as it was, with the reason and an exit code. */
function recordFailure(container: Container, error: unknown, rooms: Rooms): void {
  const exitCode = startExitCode(error);
  for (const { stream } of container.pending) stream.giveUp();
  container.pending.clear();
  rooms.log.warn('container did not start', { id: container.id, error: messageOf(error) });
  rooms.store.change(container, { exitCode, error: messageOf(error) });
  container.waits.exited(exitCode);
}
