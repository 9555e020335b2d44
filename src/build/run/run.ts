import { join } from 'node:path';
import { crashPoint } from '#base/crash-point.ts';
import { cancelled, EngineError, messageOf } from '#base/errors.ts';
import { containerNamespace } from '#network/namespace.ts';
import type { Exit, Task } from '#runtime/format.ts';
import { followedBeneath } from '#runtime/rootfs.ts';
import type { CacheMounts } from './caches/cache-mounts.ts';
import { diskFull, isDiskFull } from './disk-full.ts';
import type { SourceLayers } from './mounts/source-layers.ts';
import { acquireMounts, snapshotKeys } from './mounts/step-mounts.ts';
import { passOutput } from './output.ts';
import type { StepRooms } from './rooms.ts';
import type { StepMount, StepRequest, StepResult } from './run-step.ts';
import { makeStepFolder, placesName, removeStepFolder } from './step-folder.ts';
import { storeChanges } from './step-layer.ts';

const SIGKILL = 9;

/** What all steps of a runner share. */
export interface RunnerRooms extends StepRooms {
  readonly caches: CacheMounts;
  readonly sources: SourceLayers;
  /** Work that nobody waits for but who closes the runner. */
  readonly aside: (work: Promise<void>) => void;
}

/** A step under way. */
interface Running {
  readonly request: StepRequest;
  readonly rooms: RunnerRooms;
  readonly folder: string;
  /** Of snapshots for its mounts. */
  readonly keys: ReadonlyMap<StepMount, string>;
  /** Gives back all that it has but its layer, newest first. */
  readonly undo: AsyncDisposableStack;
  /** What ends with the process: the next step may be waiting for it. */
  readonly uses: AsyncDisposableStack;
}

/** Runs a step, and gives back all that it had but its layer: aside when it ran to its end, else before this rejects. */
export async function runStep(request: StepRequest, rooms: RunnerRooms): Promise<StepResult> {
  const { id, signal } = request;
  throwIfCancelled(signal);
  const undo = new AsyncDisposableStack();
  const step: Running = {
    request,
    rooms,
    folder: rooms.paths.buildStep(id),
    keys: snapshotKeys(request.mounts),
    undo,
    uses: new AsyncDisposableStack(),
  };
  using held = new DisposableStack();
  try {
    undo.defer(() => removeStepFolder(step.folder));
    undo.use(step.uses);
    makeStepFolder(step.folder, {
      cgroupPath: rooms.specs.cgroupPath(id, request.surroundings),
      snapshots: [id, ...step.keys.values()],
    });
    crashPoint('build.run:recorded');
    const result = await runRecorded(step, held);
    rooms.aside(giveBack(step));
    return result;
  } catch (error) {
    await giveBack(step);
    throwIfCancelled(signal);
    throw isDiskFull(error) ? diskFull('Cannot run the step', error) : error;
  }
}

/** What cannot be given back is told to the log, and left to the next boot. */
async function giveBack({ undo, request: { id }, rooms: { log } }: Running): Promise<void> {
  try {
    await undo.disposeAsync();
  } catch (error) {
    log.error('cannot give back what a step had', { id, error: allOf(error) });
  }
}

const allOf = (error: unknown): string =>
  error instanceof SuppressedError ? `${allOf(error.suppressed)}; ${allOf(error.error)}` : messageOf(error);

async function runRecorded(step: Running, held: DisposableStack): Promise<StepResult> {
  const { request, rooms, undo } = step;
  const { id, signal, epoch } = request;
  // Of a full disk the snapshot goes first: its room is what the records of the rest need.
  undo.defer(() => rooms.networks.release(id));
  undo.defer(() => rooms.snapshotter.remove(id));
  await rooms.snapshotter.prepare(id, request.layers);
  crashPoint('build.run:snapshot');
  const { task, mountPoints } = await createTask(step);
  crashPoint('build.run:created');
  const { exitCode, oomKilled } = await runTask(task, step);
  await step.uses.disposeAsync();
  throwIfCancelled(signal);
  crashPoint('build.run:ended');
  if (exitCode !== 0) return { exitCode, oomKilled, size: 0, held: held.move() };
  const { layer, size } = await storeChanges(rooms, { key: id, mountPoints, epoch, signal }, held);
  crashPoint('build.run:stored');
  return { exitCode, oomKilled, size, held: held.move(), ...(layer === undefined ? {} : { layer }) };
}

/** Lets the process run, passes its output on, and waits for its end. */
async function runTask(task: Task, step: Running): Promise<Exit> {
  const { request, rooms } = step;
  const { signal } = request;
  const stream = await task.attach({ stdin: false, stdout: true, stderr: true });
  const kill = () => {
    void task.signal(SIGKILL).catch(() => undefined); // removing the task kills all there is, too
    stream.destroy();
  };
  signal.addEventListener('abort', kill, { once: true });
  try {
    throwIfCancelled(signal);
    const output = passOutput(stream, request.output);
    output.catch(kill); // told below
    await rooms.networks.settle(request.id);
    await serveNames(task, step);
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

async function serveNames({ pid }: Task, { request: { id, network }, rooms }: Running): Promise<void> {
  const servers = rooms.specs.nameServers(network);
  if (servers === undefined) return;
  // Its process waits for its start: the pid is its own.
  const hold = () => containerNamespace(pid, async () => true);
  await rooms.networks.serveNames({ containerId: id, hold, servers });
}

interface Created {
  readonly task: Task;
  /** What the step's own mounts may have made: no change of its. */
  readonly mountPoints: readonly string[];
}

async function createTask({ request, rooms, folder, keys, undo, uses }: Running): Promise<Created> {
  const { id, signal } = request;
  const { snapshotter, networks, runtime, specs, paths } = rooms;
  // Mounts are in this program's namespace only until the task has copies of its own.
  await using attached = new AsyncDisposableStack();
  const places = join(folder, placesName);
  const { mounts, env } = await acquireMounts({
    ...rooms,
    rooms,
    request,
    folder,
    places,
    keys,
    undo,
    uses,
    attached,
  });
  crashPoint('build.run:mounts');
  throwIfCancelled(signal);
  await using rootfs = await snapshotter.mount(id, { volatile: true });
  const peer = await specs.peer(request.network);
  const attach = { containerId: id, networks: [{ network: specs.network(request.network) }], ports: [] };
  const sandbox = peer === undefined ? await networks.attach(attach) : undefined;
  throwIfCancelled(signal);
  const spec = specs.spec({
    request,
    env: [...request.env, ...env],
    mounts,
    rootfs: rootfs.fd,
    sandbox,
    peer,
    folder,
  });
  const own = mounts.map(({ destination }) => followedBeneath(rootfs.fd, destination));
  const task = await runtime.create({
    id,
    directory: paths.task(id),
    rootfs: rootfs.fd,
    spec,
    stdin: false,
    stdinOnce: false,
    ...(sandbox === undefined ? {} : { network: sandbox.plan }),
  });
  undo.defer(() => task.remove());
  return { task, mountPoints: [...specs.mountPoints, ...own] };
}

function throwIfCancelled(signal: AbortSignal): void {
  if (!signal.aborted) return;
  const { reason } = signal;
  throw reason instanceof EngineError && reason.kind === 'cancelled'
    ? reason
    : cancelled('the build was cancelled', { cause: reason });
}
