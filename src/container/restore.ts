import { readdir, rm } from 'node:fs/promises';
import { messageOf } from '#base/errors.ts';
import type { Task } from '#runtime/format.ts';
import type { Container } from './container.ts';
import { recordExit, watchExit } from './exit.ts';
import { bringTogether } from './joins.ts';
import { isAlive } from './life.ts';
import { adoptMounts, releaseMounts } from './mounts/prepare.ts';
import { tellOom, watchOom } from './oom.ts';
import { zeroTime } from './record.ts';
import { removeLocked } from './remove.ts';
import { serveNames } from './resolver.ts';
import { shouldStartAtBoot } from './restart-policy.ts';
import type { Rooms } from './rooms.ts';
import { cgroupPath } from './spec/spec.ts';
import { startContainer } from './start.ts';

/** What Docker gives a container whose end nobody saw: the machine went down under it. */
const lostExitCode = 255;

/**
 * Compares every record with what runs. What runs and is recorded so is taken back; an end that came meanwhile is
 * recorded; what a crash left half-made is undone, half-removed is removed. Then networks are told who runs, and restart
 * policies have their way.
 */
export async function restoreContainers(rooms: Rooms): Promise<void> {
  await Promise.all(
    rooms.store.list().map((container) => guarded(container, rooms, () => restoreOne(container, rooms))),
  );
  await undoCreations(rooms);
  await removeStrays(rooms);
  const running = rooms.store.list().filter(({ task }) => task !== undefined);
  await rooms.networks.restore(new Set(running.map(({ id }) => id)));
  // Taken back only now: an end would give back a network that is not restored yet.
  for (const container of running)
    if (container.task !== undefined) watchTask(container, container.task, rooms);
  await Promise.all(
    rooms.store.list().map((container) => guarded(container, rooms, () => settle(container, rooms))),
  );
}

function watchTask(container: Container, task: Task, rooms: Rooms): void {
  watchOom(container, task, rooms);
  void tellOom(container, task, rooms); // what came while no daemon watched
  watchExit(container, task, rooms);
}

/** One container that cannot be restored does not keep the others from it. */
async function guarded(container: Container, rooms: Rooms, act: () => Promise<void>): Promise<void> {
  using _held = await rooms.locks.acquire(container.id);
  try {
    await act();
  } catch (error) {
    rooms.log.error('cannot restore container', { id: container.id, error: messageOf(error) });
  }
}

async function restoreOne(container: Container, rooms: Rooms): Promise<void> {
  const { id, state, record } = container;
  const task = await rooms.runtime.restore(id, rooms.paths.task(id), cgroupPath(record, rooms.facts));
  if (isAlive(state.status)) {
    adoptMounts(container, rooms);
    if (task === undefined) recordLost(container, rooms);
    else await takeBack(container, task);
    return;
  }
  // A start that was never recorded was never acknowledged.
  await task?.remove();
}

async function takeBack(container: Container, task: Task): Promise<void> {
  container.task = task;
  container.oomKillsTold = container.state.oomKilled ? task.oomKills() : 0;
  container.ended = Promise.withResolvers<void>();
  // A crash between freezing and recording it leaves the two apart: the record counts.
  if (container.state.status === 'running') await task.resume().catch(() => undefined);
}

function recordLost(container: Container, rooms: Rooms): void {
  recordExit(container, { exitCode: lostExitCode, exitedAt: rooms.now(), oomKilled: false }, rooms);
  releaseMounts(container, rooms);
}

/** Undoes what a crash left of creations: volumes made for them alone; the rest are strays. */
async function undoCreations({ store, volumes, log }: Rooms): Promise<void> {
  for (const { id, mounts } of store.unfinished) {
    try {
      for (const { anonymous, name } of mounts)
        if (anonymous === true && name !== undefined) await volumes.remove(name, { force: true });
      store.forget(id);
    } catch (error) {
      log.error('cannot undo creation', { id, error: messageOf(error) });
    }
  }
}

/** Removes what no record names: tasks, snapshots and folders of containers that were being made or removed. */
async function removeStrays({ store, paths, runtime, snapshotter, facts, log }: Rooms): Promise<void> {
  const isStray = (id: string) => /^[0-9a-f]{64}$/.test(id) && store.find(id) === undefined;
  const attempt = async (what: string, id: string, act: () => Promise<unknown>) => {
    await act().catch((error: unknown) =>
      log.error('cannot remove stray', { what, id, error: messageOf(error) }),
    );
  };
  for (const id of (await namesIn(paths.tasks)).filter(isStray)) {
    const cgroup = `/${facts.cgroupParent.replace(/^\/+|\/+$/g, '')}/${id}`;
    await attempt('task', id, async () => (await runtime.restore(id, paths.task(id), cgroup))?.remove());
  }
  for (const id of snapshotter.listSnapshots().filter(isStray))
    await attempt('snapshot', id, () => snapshotter.remove(id));
  const folders = [...(await namesIn(paths.containers)), ...(await namesIn(paths.containerRuns))];
  for (const id of folders.filter(isStray))
    for (const folder of [paths.container(id), paths.containerRun(id)])
      await attempt('files', id, () => rm(folder, { recursive: true, force: true }));
}

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch((): string[] => []);

/** What must follow from a status: what runs has its networks, removals are finished, policies start again what is down. */
async function settle(container: Container, rooms: Rooms): Promise<void> {
  const { state, record, task } = container;
  const { AutoRemove: autoRemove, RestartPolicy: policy } = record.hostConfig;
  if (task !== undefined) {
    await bringTogether(container, rooms);
    await serveNames(container, task, rooms);
    return;
  }
  if (state.status === 'removing' || state.status === 'dead') {
    await removeLocked(container, { volumes: state.removesVolumes }, rooms);
    return;
  }
  if (autoRemove === true && state.status === 'exited') {
    await removeLocked(container, { volumes: true }, rooms);
    return;
  }
  const shouldStart = state.status === 'restarting' || shouldStartAtBoot(policy, state);
  if (shouldStart && state.startedAt !== zeroTime) await startContainer(container, rooms);
}
