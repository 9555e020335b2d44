import type { SystemDataUsageResponse, SystemInfo, SystemVersion } from '#api/index.ts';
import { type Log, silentLog } from '#base/log.ts';
import type { StepReport } from '#container/index.ts';
import { commitContainer } from './commit.ts';
import type { EngineConfig, Reloadable } from './config.ts';
import { dataUsage } from './data-usage.ts';
import type { CommitRequest, Engine, UsageKind } from './engine.ts';
import { engineIdOf, systemInfo } from './info.ts';
import { productDetails } from './product.ts';
import { openRooms, type Rooms } from './rooms.ts';

/**
 * Opens an engine on its roots: what an earlier one left running is taken back, what it left half-made is finished or
 * undone.
 *
 * @param onStep hears of each step that brings an image to a running process
 * @throws {EngineError} `conflict` while another engine has the data root
 */
export async function openEngine(
  config: EngineConfig = {},
  onStep?: (report: StepReport) => void,
): Promise<Engine> {
  await using undo = new AsyncDisposableStack();
  const log = config.log ?? silentLog;
  const rooms = await openRooms(config, undo, { log, ...(onStep && { onStep }) });
  await rooms.containers.restore();
  return new LocalEngine(rooms, config, { log, held: undo.move() });
}

class LocalEngine implements Engine {
  readonly log: Log;
  readonly #rooms: Rooms;
  readonly #held: AsyncDisposableStack;
  readonly #engineId: string;
  #config: EngineConfig;
  #closing: Promise<void> | undefined;

  constructor(
    rooms: Rooms,
    config: EngineConfig,
    { log, held }: { readonly log: Log; readonly held: AsyncDisposableStack },
  ) {
    this.#rooms = rooms;
    this.#config = config;
    this.#held = held;
    this.#engineId = engineIdOf(rooms.database);
    this.log = log;
  }

  get containers() {
    return this.#rooms.containers;
  }

  get images() {
    return this.#rooms.images;
  }

  get networks() {
    return this.#rooms.networks.directory;
  }

  get volumes() {
    return this.#rooms.volumes;
  }

  get builds() {
    return this.#rooms.builds;
  }

  get events() {
    return this.#rooms.events;
  }

  async info(): Promise<SystemInfo> {
    const { paths } = this.#rooms;
    return systemInfo({
      ...this.#rooms,
      config: this.#config,
      dataRoot: paths.dataRoot,
      engineId: this.#engineId,
    });
  }

  version(): SystemVersion {
    return productDetails();
  }

  dataUsage(kinds: readonly UsageKind[] = []): Promise<SystemDataUsageResponse> {
    return dataUsage(this.#rooms, kinds);
  }

  commit(request: CommitRequest): Promise<{ readonly Id: string }> {
    return commitContainer(this.#rooms, request);
  }

  reload(change: Reloadable): void {
    const { debug, labels, liveRestore, shutdownTimeoutSeconds, registryMirrors, insecureRegistries } =
      change;
    const taken = { debug, labels, liveRestore, shutdownTimeoutSeconds, registryMirrors, insecureRegistries };
    this.#config = { ...this.#config, ...(taken as Reloadable) };
    this.#rooms.registries.change(this.#config);
    this.events.publish({ type: 'daemon', action: 'reload', id: this.#engineId, attributes: {} });
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    if (this.#config.liveRestore !== true) await this.#stopContainers();
    await this.#held.disposeAsync();
  }

  /** Containers have their own time to stop; the engine waits for no longer than it was told. */
  async #stopContainers(): Promise<void> {
    const limit = this.#config.shutdownTimeoutSeconds ?? 15;
    const { promise: late, resolve } = Promise.withResolvers<'late'>();
    const timer = limit < 0 ? undefined : setTimeout(resolve, limit * 1000, 'late');
    const outcome = await Promise.race([this.containers.stopAll(), late]);
    clearTimeout(timer);
    if (outcome === 'late') this.log.warn('Some containers did not stop in time', { seconds: limit });
  }
}
