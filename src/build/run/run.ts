import { rm } from 'node:fs/promises';
import { crashPoint } from '#base/crash-point.ts';
import { cancelled, EngineError } from '#base/errors.ts';
import type { Exit, Task } from '#runtime/format.ts';
import { passOutput } from './output.ts';
import type { StepRooms } from './rooms.ts';
import type { StepRequest, StepResult } from './run-step.ts';
import { makeStepFolder } from './step-folder.ts';
import { storeChanges } from './step-layer.ts';

const SIGKILL = 9;

/** Runs a step, and gives back all that it had: newest first, but its layer. */
export async function runStep(request: StepRequest, rooms: StepRooms): Promise<StepResult> {
  const { id, signal } = request;
  throwIfCancelled(signal);
  await using undo = new AsyncDisposableStack();
  const folder = rooms.paths.buildStep(id);
  undo.defer(() => rm(folder, { recursive: true, force: true }));
  makeStepFolder(folder, {
    cgroupPath: rooms.specs.cgroupPath(id, request.surroundings),
    snapshots: [id],
  });
  crashPoint('build.run:recorded');
  using held = new DisposableStack();
  try {
    undo.defer(() => rooms.snapshotter.remove(id));
    await rooms.snapshotter.prepare(id, request.layers);
    crashPoint('build.run:snapshot');
    const { exitCode, oomKilled } = await runProcess(request, rooms, undo);
    throwIfCancelled(signal);
    crashPoint('build.run:ended');
    if (exitCode !== 0) return { exitCode, oomKilled, size: 0, held: held.move() };
    const changes = { key: id, mountPoints: rooms.specs.mountPoints, epoch: request.epoch, signal };
    const { layer, size } = await storeChanges(rooms, changes, held);
    crashPoint('build.run:stored');
    return { exitCode, oomKilled, size, held: held.move(), ...(layer === undefined ? {} : { layer }) };
  } catch (error) {
    throwIfCancelled(signal);
    throw error;
  }
}

/** Brings the process up, passes its output on, and waits for its end. */
async function runProcess(request: StepRequest, rooms: StepRooms, undo: AsyncDisposableStack): Promise<Exit> {
  const task = await createTask(request, rooms, undo);
  crashPoint('build.run:created');
  const { signal } = request;
  const stream = await task.attach({ stdin: false, stdout: true, stderr: true });
  const kill = () => {
    void task.signal(SIGKILL).catch(() => undefined); // removing the task kills all there is, too
    stream.destroy();
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    const output = passOutput(stream, request.output);
    output.catch(() => undefined); // told below
    throwIfCancelled(signal);
    await rooms.networks.settle(request.id);
    await task.start();
    crashPoint('build.run:started');
    const exit = await task.wait();
    throwIfCancelled(signal);
    await output;
    return exit;
  } finally {
    signal.removeEventListener('abort', kill);
    stream.destroy();
  }
}

async function createTask(
  request: StepRequest,
  { snapshotter, networks, runtime, specs, paths }: StepRooms,
  undo: AsyncDisposableStack,
): Promise<Task> {
  const { id } = request;
  await using rootfs = await snapshotter.mount(id, { volatile: true });
  undo.defer(() => networks.release(id));
  const sandbox = await networks.attach({
    containerId: id,
    networks: [{ network: specs.network(request.network) }],
    ports: [],
  });
  throwIfCancelled(request.signal);
  const spec = specs.spec({
    request,
    env: request.env,
    mounts: [],
    rootfs: rootfs.fd,
    sandbox,
    folder: paths.buildStep(id),
  });
  const task = await runtime.create({
    id,
    directory: paths.task(id),
    rootfs: rootfs.fd,
    spec,
    stdin: false,
    stdinOnce: false,
    network: sandbox.plan,
  });
  undo.defer(() => task.remove());
  return task;
}

function throwIfCancelled(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const { reason } = signal;
  throw reason instanceof EngineError && reason.kind === 'cancelled'
    ? reason
    : cancelled('the build was cancelled', { cause: reason });
}
