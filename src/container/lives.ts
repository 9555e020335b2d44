import type {
  ContainerCreateResponse,
  ContainerUpdateRequest,
  ContainerUpdateResponse,
  ContainerWaitResponse,
} from '#api/index.ts';
import { EngineError, invalid, messageOf } from '#base/errors.ts';
import { parseSignal, SIGKILL } from '#base/signals.ts';
import type { Filters } from '#events/index.ts';
import type { Container } from './container.ts';
import type { ContainerLife, CreateRequest, RemoveOptions, StopOptions } from './containers.ts';
import { createContainer } from './create.ts';
import { isAlive } from './life.ts';
import { pauseContainer, unpauseContainer } from './pause.ts';
import { removeContainer, removeLocked } from './remove.ts';
import { forgetRetries } from './retry.ts';
import type { Rooms } from './rooms.ts';
import { startContainer } from './start.ts';
import { killContainer, stopContainer } from './stop.ts';
import { tell } from './tell.ts';
import { renameContainer, updateContainer } from './update.ts';
import { checkFilters, matcher } from './views/filter.ts';

/** The verbs that change a container, each under its lock. */
export class Lives implements ContainerLife {
  readonly #rooms: Rooms;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  create(request: CreateRequest): Promise<ContainerCreateResponse> {
    return createContainer(request, this.#rooms);
  }

  async start(reference: string): Promise<'started' | 'alreadyStarted'> {
    return this.#locked(reference, async (container) => {
      if (container.state.status === 'running') return 'alreadyStarted';
      forgetRetries(container, this.#rooms);
      await startContainer(container, this.#rooms).catch(async (error: unknown) => {
        if (container.record.hostConfig.AutoRemove === true)
          await removeLocked(container, { volumes: true }, this.#rooms);
        throw error;
      });
      return 'started';
    });
  }

  async stop(reference: string, options: StopOptions = {}): Promise<'stopped' | 'alreadyStopped'> {
    return stopContainer(this.#get(reference), { ...options, byHand: true }, this.#rooms);
  }

  async restart(reference: string, options: StopOptions = {}): Promise<void> {
    const container = this.#get(reference);
    try {
      await stopContainer(container, { ...options, byHand: true }, this.#rooms);
      await this.start(container.id);
    } catch (error) {
      throw prefixed(error, `Cannot restart container ${reference}`);
    }
    tell(this.#rooms, container, 'restart');
  }

  async kill(reference: string, signal?: string): Promise<void> {
    parseSignal(signal || String(SIGKILL));
    try {
      await killContainer(this.#get(reference), signal, this.#rooms);
    } catch (error) {
      throw prefixed(error, `cannot kill container: ${reference}`);
    }
  }

  async pause(reference: string): Promise<void> {
    await this.#locked(reference, (container) => pauseContainer(container, this.#rooms));
  }

  async unpause(reference: string): Promise<void> {
    await this.#locked(reference, (container) => unpauseContainer(container, this.#rooms));
  }

  wait(reference: string, condition = 'not-running', signal?: AbortSignal): Promise<ContainerWaitResponse> {
    const { waits, state } = this.#get(reference);
    switch (condition) {
      case '':
      case 'not-running':
        if (!isAlive(state.status) && state.status !== 'restarting')
          return Promise.resolve({ StatusCode: state.exitCode });
        return waits.forExit(signal);
      case 'next-exit':
        return waits.forExit(signal);
      case 'removed':
        return waits.forRemoval(signal);
      default:
        throw invalid(`invalid condition: ${JSON.stringify(condition)}`);
    }
  }

  async rename(reference: string, name: string): Promise<void> {
    await this.#locked(reference, async (container) => renameContainer(container, name, this.#rooms));
  }

  async update(reference: string, change: ContainerUpdateRequest): Promise<ContainerUpdateResponse> {
    await this.#locked(reference, (container) => updateContainer(container, change, this.#rooms));
    return { Warnings: [] };
  }

  async remove(reference: string, options: RemoveOptions = {}): Promise<void> {
    await removeContainer(this.#get(reference), options, this.#rooms);
  }

  async prune(
    filters: Filters = {},
  ): Promise<{ readonly ContainersDeleted: string[]; readonly SpaceReclaimed: number }> {
    checkFilters(filters);
    const matches = matcher(filters, this.#rooms);
    const removed: string[] = [];
    let reclaimed = 0;
    for (const container of this.#rooms.store.list()) {
      if (isAlive(container.state.status) || container.state.status === 'restarting' || !matches(container))
        continue;
      const freed = await this.#pruneOne(container);
      if (freed === undefined) continue;
      removed.push(container.id);
      reclaimed += freed;
    }
    this.#rooms.events.publish({
      type: 'container',
      action: 'prune',
      id: '',
      attributes: { reclaimed: String(reclaimed) },
    });
    return { ContainersDeleted: removed, SpaceReclaimed: reclaimed };
  }

  /** @returns the bytes it had; undefined when it could not be removed */
  async #pruneOne(container: Container): Promise<number | undefined> {
    try {
      const { size } = await this.#rooms.snapshotter.usage(container.id);
      await removeContainer(container, {}, this.#rooms);
      return size;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.#rooms.log.warn('cannot prune container', { id: container.id, error: messageOf(error) });
      return undefined;
    }
  }

  #get(reference: string): Container {
    return this.#rooms.store.get(reference);
  }

  async #locked<T>(reference: string, act: (container: Container) => Promise<T>): Promise<T> {
    const { id } = this.#get(reference);
    using _held = await this.#rooms.locks.acquire(id);
    return await act(this.#get(id));
  }
}

/** The same failure, told as that of a verb. */
const prefixed = (error: unknown, what: string): unknown =>
  error instanceof EngineError
    ? new EngineError(error.kind, `${what}: ${error.message}`, { cause: error })
    : error;
