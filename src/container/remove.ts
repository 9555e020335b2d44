import { rmSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { crashPoint } from '#base/crash-point.ts';
import { conflict, EngineError, internal, messageOf } from '#base/errors.ts';
import type { Container } from './container.ts';
import type { RemoveOptions } from './containers.ts';
import { after, mayFollow, type Status } from './life.ts';
import type { Rooms } from './rooms.ts';
import { killAndWait } from './stop.ts';
import { tell } from './tell.ts';

/** Removes a container that does not run; with `force` also one that does. @throws `conflict` in Docker's words */
export async function removeContainer(
  container: Container,
  options: RemoveOptions,
  rooms: Rooms,
): Promise<void> {
  if (options.force === true) await killAndWait(container, rooms);
  using _held = await rooms.locks.acquire(container.id);
  if (rooms.store.find(container.id) !== container) return;
  checkRemovable(container);
  await removeLocked(container, options, rooms);
}

function checkRemovable({ name, id, state: { status } }: Container): void {
  if (mayFollow(status, 'remove')) return;
  if (status === 'removing') throw conflict(`removal of container ${id} is already in progress`);
  throw conflict(`cannot remove container "/${name}": container is ${status}: ${procedure(status)}`);
}

const procedure = (status: Status): string =>
  `${status === 'paused' ? 'unpause and then ' : ''}stop the container before removing or force remove`;

/** The same for who holds its lock. The row goes last, but for files: what a crash leaves is finished at boot. */
export async function removeLocked(
  container: Container,
  options: RemoveOptions,
  rooms: Rooms,
): Promise<void> {
  const { store, log } = rooms;
  if (container.state.status !== 'removing')
    store.change(container, {
      status: after(container.state.status, 'remove'),
      removesVolumes: options.volumes === true,
    });
  crashPoint('container.remove:recorded');
  try {
    await releaseAll(container, options, rooms);
  } catch (error) {
    store.change(container, { status: after('removing', 'removeFailed'), error: messageOf(error) });
    container.waits.removalFailed(container.state.exitCode, messageOf(error));
    throw internal(`cannot remove container "/${container.name}": ${messageOf(error)}`, { cause: error });
  }
  store.delete(container);
  crashPoint('container.remove:deleted');
  for (const { stream } of container.pending) stream.giveUp();
  tell(rooms, container, 'destroy');
  container.waits.removed(container.state.exitCode);
  await removeFolder(container.id, rooms);
  crashPoint('container.remove:files');
  if (rooms.images.find(container.record.imageId) === undefined)
    await rooms.images.collectLayers().catch((error: unknown) => {
      log.warn('cannot remove unused layers', { error: messageOf(error) });
    });
}

async function releaseAll(container: Container, options: RemoveOptions, rooms: Rooms): Promise<void> {
  const { id } = container;
  await Promise.all([rooms.snapshotter.remove(id), rooms.networks.release(id)]);
  crashPoint('container.remove:snapshot');
  if (options.volumes === true) await removeAnonymousVolumes(container, rooms);
}

/** Who waits for the container's removal need not wait for its files: without a record they are strays, gone at a boot. */
async function removeFolder(id: string, { paths, log }: Rooms): Promise<void> {
  const folder = paths.container(id);
  try {
    rmSync(paths.containerRun(id), { recursive: true, force: true });
    const { size } = statSync(paths.containerLog(id), { throwIfNoEntry: false }) ?? { size: 0 };
    // Few small files go at once; the blocks of a big log are freed while other work goes on.
    if (size < smallLog) rmSync(folder, { recursive: true, force: true });
    else await rm(folder, { recursive: true, force: true });
  } catch (error) {
    log.error('cannot remove files', { id, error: messageOf(error) });
  }
}

const smallLog = 1 << 20;

/** Those made for this container alone; another that uses one by `--volumes-from` keeps it. */
async function removeAnonymousVolumes({ record }: Container, { volumes }: Rooms): Promise<void> {
  for (const { anonymous, name } of record.mounts) {
    if (anonymous !== true || name === undefined) continue;
    await volumes.remove(name, { force: true }).catch((error: unknown) => {
      if (!(error instanceof EngineError && error.kind === 'conflict')) throw error;
    });
  }
}
