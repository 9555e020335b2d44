import { cancelled, messageOf } from '#base/errors.ts';
import { KeyedLock } from '#base/keyed-lock.ts';
import type { Log } from '#base/log.ts';
import type { Database } from '#state/database.ts';
import type { Containers, StepReport } from './containers.ts';
import { ContainerExecs } from './execs.ts';
import { Files } from './files.ts';
import { Joins } from './joins.ts';
import { Lives } from './lives.ts';
import { makeMountPoints } from './mounts/mount-points.ts';
import { restoreContainers } from './restore.ts';
import type { Rooms } from './rooms.ts';
import { stopContainer } from './stop.ts';
import { ContainerStore } from './store.ts';
import { Streams } from './streams/attach.ts';
import { Views } from './views/views.ts';

type Below = Pick<
  Rooms,
  'paths' | 'snapshotter' | 'images' | 'networks' | 'runtime' | 'volumes' | 'events' | 'facts'
>;

export interface ContainersOptions extends Below {
  readonly database: Database;
  readonly log: Log;
  readonly now?: () => Date;
  /** Hears of each step of every creation and start. */
  readonly onStep?: (report: StepReport) => void;
}

/** Opens the containers of an engine. `restore` must follow before anything is asked of them. */
export function openContainers(options: ContainersOptions): Containers {
  const { database, onStep, now, ...below } = options;
  makeMountPoints(below.paths);
  const closing = new AbortController();
  const store = new ContainerStore(database);
  const rooms: Rooms = {
    ...below,
    store,
    locks: new KeyedLock(),
    now: now ?? (() => new Date()),
    report: onStep ?? (() => undefined),
    closing: closing.signal,
  };
  return {
    life: new Lives(rooms),
    networks: new Joins(rooms),
    views: new Views(rooms),
    streams: new Streams(rooms),
    execs: new ContainerExecs(rooms),
    files: new Files(rooms),
    imageUsers: (imageId) =>
      store
        .list()
        .filter(({ record }) => record.imageId === imageId)
        .map(({ id, task }) => ({ containerId: id, running: task !== undefined })),
    volumeUsers: (name) =>
      store
        .list()
        .filter(
          ({ record, state }) =>
            state.status !== 'removing' && record.mounts.some((mount) => mount.name === name),
        )
        .map(({ id }) => id),
    restore: () => restoreContainers(rooms),
    stopAll: () => stopAll(rooms, closing),
    close: () => close(rooms, closing),
  };
}

/** Policies must not start again what a shutdown stops; the next boot's will. */
async function stopAll(rooms: Rooms, closing: AbortController): Promise<void> {
  closing.abort(cancelled('the engine is closing'));
  await Promise.all(
    rooms.store.list().map((container) =>
      stopContainer(container, { byHand: false }, rooms).catch((error: unknown) => {
        rooms.log.error('cannot stop container', { id: container.id, error: messageOf(error) });
      }),
    ),
  );
}

async function close(rooms: Rooms, closing: AbortController): Promise<void> {
  closing.abort(cancelled('the engine is closing'));
  for (const container of rooms.store.list()) {
    using _held = await rooms.locks.acquire(container.id);
    clearTimeout(container.retry);
    container.ended?.resolve();
    container.waits.abandon(closing.signal.reason);
    for (const { stream } of container.pending) stream.giveUp();
  }
}
