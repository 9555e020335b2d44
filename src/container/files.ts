import { closeSync, constants, openSync } from 'node:fs';
import { conflict } from '#base/errors.ts';
import { packTree, unpackInto } from '#snapshot/index.ts';
import type { Container } from './container.ts';
import type { CommitSource, ContainerFiles, PathStat } from './containers.ts';
import { checkDestination, destinationOf, statBeneath } from './path-stat.ts';
import { pauseContainer, unpauseContainer } from './pause.ts';
import type { Rooms } from './rooms.ts';
import { ownMountPoints } from './spec/mounts.ts';
import { tell } from './tell.ts';

/** A container's files from outside: running or not, always beneath its root. */
export class Files implements ContainerFiles {
  readonly #rooms: Rooms;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  async export(reference: string, signal?: AbortSignal): Promise<AsyncIterable<Uint8Array>> {
    const container = this.#rooms.store.get(reference);
    const { status } = container.state;
    if (status === 'dead' || status === 'removing')
      throw conflict(`You cannot export container ${container.id} which is ${status}`);
    await using undo = new AsyncDisposableStack();
    const rootfs = undo.use(await this.#rooms.snapshotter.mount(container.id, { readonly: true }));
    tell(this.#rooms, container, 'export');
    return whileHeld(packTree(rootfs.fd, '.', { name: '' }), undo.move(), signal);
  }

  async statPath(reference: string, path: string): Promise<PathStat> {
    return this.#inRoot(this.#rooms.store.get(reference), async (root) => statBeneath(root, path));
  }

  async getArchive(
    reference: string,
    path: string,
  ): Promise<{ readonly stat: PathStat; readonly tar: AsyncIterable<Uint8Array> }> {
    const container = this.#rooms.store.get(reference);
    await using undo = new AsyncDisposableStack();
    const root = undo.use(await this.#root(container));
    const stat = statBeneath(root.fd, path);
    tell(this.#rooms, container, 'archive-path');
    return { stat, tar: whileHeld(packTree(root.fd, path, { name: stat.name }), undo.move()) };
  }

  async putArchive(
    reference: string,
    path: string,
    tar: AsyncIterable<Uint8Array>,
    options: { readonly noOverwriteDirNonDir?: boolean; readonly copyUidGid?: boolean } = {},
  ): Promise<void> {
    const container = this.#rooms.store.get(reference);
    checkDestination(container.record, path);
    await this.#inRoot(container, async (root) => {
      const folder = destinationOf(root, path);
      try {
        await unpackInto(folder, tar, options.noOverwriteDirNonDir === true ? { keepKinds: true } : {});
      } finally {
        closeSync(folder);
      }
    });
    tell(this.#rooms, container, 'extract-to-dir');
  }

  async commitSource<T>(
    reference: string,
    options: { readonly pause: boolean },
    use: (source: CommitSource) => Promise<T>,
  ): Promise<T> {
    const container = this.#rooms.store.get(reference);
    const { id, record } = container;
    if (container.state.status === 'dead' || container.state.status === 'removing')
      throw conflict(`You cannot commit container ${id} which is ${container.state.status}`);
    await using _thawed = await this.#frozen(container, options.pause);
    return await use({
      containerId: id,
      imageId: record.imageId,
      config: record.config,
      diff: () => this.#rooms.snapshotter.diffTar(id, { mountPoints: ownMountPoints }),
    });
  }

  /** Paused while held, when it runs and that is wanted. */
  async #frozen(container: Container, isWanted: boolean): Promise<AsyncDisposable> {
    const undo = new AsyncDisposableStack();
    const { locks } = this.#rooms;
    using _held = await locks.acquire(container.id);
    if (!isWanted || container.state.status !== 'running') return undo;
    await pauseContainer(container, this.#rooms);
    undo.defer(async () => {
      using _again = await locks.acquire(container.id);
      if (container.state.status === 'paused') await unpauseContainer(container, this.#rooms);
    });
    return undo;
  }

  async #inRoot<T>(container: Container, use: (root: number) => Promise<T>): Promise<T> {
    await using root = await this.#root(container);
    return await use(root.fd);
  }

  /** The root as the container sees it, volumes included, while it runs; else its snapshot alone. */
  async #root({ id, task }: Container): Promise<AsyncDisposable & { readonly fd: number }> {
    if (task === undefined) return this.#rooms.snapshotter.mount(id);
    const fd = openSync(`/proc/${task.pid}/root`, constants.O_RDONLY | constants.O_DIRECTORY);
    return {
      fd,
      [Symbol.asyncDispose]: async () => {
        closeSync(fd);
      },
    };
  }
}

/** Bytes of something that is held until the last of them, or until the reader leaves. */
async function* whileHeld(
  bytes: AsyncIterable<Uint8Array>,
  held: AsyncDisposableStack,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  await using _held = held;
  for await (const chunk of bytes) {
    signal?.throwIfAborted();
    yield chunk;
  }
}
