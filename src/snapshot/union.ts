import { close, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TarLimits } from '#archive/limits.ts';
import { crashPoint } from '#base/crash-point.ts';
import { invalid } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { KeyedLock } from '#base/keyed-lock.ts';
import type { Log } from '#base/log.ts';
import { syncDirectory } from '#base/replace-file.ts';
import { undone } from '#base/undo.ts';
import { unmount } from '#linux/index.ts';
import { type Digest, hexOf } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import type { LayerStore } from './layer-store.ts';
import { mountOverlay, type Stack } from './overlay-mount.ts';
import { Records } from './records.ts';
import { inheritRoot } from './root-metadata.ts';
import type {
  Change,
  ChangeOptions,
  DriverName,
  Layer,
  MountedRootfs,
  Snapshotter,
  Usage,
} from './snapshotter.ts';
import { Trash } from './trash.ts';
import { changesOf } from './upper/changes.ts';
import { tarOf } from './upper/diff-tar.ts';
import { usageOf } from './upper/usage.ts';

export interface UnionOptions {
  readonly database: Database;
  /** The driver's own folder. */
  readonly root: string;
  readonly store: LayerStore;
  readonly log: Log;
  readonly limits?: Partial<TarLimits>;
  readonly status?: readonly (readonly [string, string])[];
}

/**
 * A snapshotter over overlayfs, whatever keeps its layers.
 *
 *     <root>/
 *     ├── layers/<hex>          one layer, whole: named by its diffID
 *     ├── ingest/<id>           one being written; emptied at boot
 *     ├── snapshots/<key>/      upper, work: work is made last
 *     ├── empty, empty2         lower layers of a stack that has none
 *     ├── staging/              where older kernels mount for a moment
 *     └── trash/                removed, to be freed in the background
 */
export class UnionSnapshotter implements Snapshotter {
  readonly name: DriverName;
  readonly #root: string;
  readonly #store: LayerStore;
  readonly #records: Records;
  readonly #trash: Trash;
  readonly #log: Log;
  readonly #limits: Partial<TarLimits>;
  readonly #status: readonly (readonly [string, string])[];
  readonly #layerLocks = new KeyedLock();

  constructor(options: UnionOptions) {
    this.name = options.store.name;
    this.#root = options.root;
    this.#store = options.store;
    this.#records = new Records(options.database, this.name);
    this.#log = options.log;
    this.#limits = options.limits ?? {};
    this.#status = options.status ?? [];
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    for (const folder of ['layers', 'ingest', 'snapshots', 'staging', ...empties])
      mkdirSync(join(this.#root, folder), { recursive: true, mode: 0o755 });
    this.#trash = new Trash(join(this.#root, 'trash'), this.#log);
  }

  has(diffId: Digest): boolean {
    return this.#records.findLayer(diffId) !== undefined;
  }

  getLayer(diffId: Digest): Layer {
    return asLayer(this.#records.getLayer(diffId));
  }

  listLayers(): readonly Layer[] {
    return this.#records.listLayers().map(asLayer);
  }

  async ingest(
    tar: AsyncIterable<Uint8Array>,
    options: { readonly expected?: Digest; readonly signal?: AbortSignal } = {},
  ): Promise<Layer> {
    const temporary = join(this.#root, 'ingest', newId());
    try {
      crashPoint('snapshot.ingest.begin');
      const written = await this.#store.write(temporary, tar, {
        limits: this.#limits,
        signal: options.signal,
      });
      if (options.expected !== undefined && written.diffId !== options.expected)
        throw invalid(`layer's digest is ${written.diffId}, not ${options.expected}`);
      using _held = await this.#layerLocks.acquire(written.diffId);
      const layer = { ...written, path: `layers/${hexOf(written.diffId)}` };
      if (!this.has(layer.diffId)) {
        await this.#trash.take(join(this.#root, layer.path));
        crashPoint('snapshot.ingest.written');
        await rename(temporary, join(this.#root, layer.path));
        await syncDirectory(join(this.#root, 'layers'));
        crashPoint('snapshot.ingest.renamed');
        this.#records.addLayer(layer);
      }
      return asLayer(layer);
    } finally {
      await this.#trash.take(temporary);
    }
  }

  async *readTar(diffId: Digest): AsyncGenerator<Uint8Array> {
    const layer = this.#records.getLayer(diffId);
    yield* this.#store.readTar(join(this.#root, layer.path), layer.tarSize);
  }

  async removeLayer(diffId: Digest): Promise<void> {
    using _held = await this.#layerLocks.acquire(diffId);
    if (this.#records.setLayerRemoving(diffId) === 'absent') return;
    await this.#finishLayerRemoval(diffId);
  }

  async #finishLayerRemoval(diffId: Digest): Promise<void> {
    crashPoint('snapshot.removeLayer.recorded');
    await this.#store.release(diffId);
    await this.#trash.take(join(this.#root, 'layers', hexOf(diffId)));
    crashPoint('snapshot.removeLayer.renamed');
    this.#records.deleteLayer(diffId);
  }

  async prepare(key: string, layers: readonly Digest[]): Promise<void> {
    if (!/^[A-Za-z0-9][\w.-]{0,200}$/.test(key))
      throw invalid(`invalid snapshot key: ${JSON.stringify(key)}`);
    this.#records.addSnapshot(key, layers);
    crashPoint('snapshot.prepare.recorded');
    const directory = this.#snapshot(key);
    try {
      await mkdir(directory, { mode: 0o700 });
      await mkdir(join(directory, 'upper'), { mode: 0o755 });
      crashPoint('snapshot.prepare.half');
      inheritRoot(
        join(directory, 'upper'),
        layers.map((diffId) => this.#records.getLayer(diffId)),
      );
      await mkdir(join(directory, 'work'), { mode: 0o700 });
    } catch (error) {
      await this.remove(key);
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    if (this.#records.setSnapshotRemoving(key) === 'removing') await this.#finishRemoval(key);
  }

  async #finishRemoval(key: string): Promise<void> {
    crashPoint('snapshot.remove.recorded');
    await this.#trash.take(this.#snapshot(key));
    crashPoint('snapshot.remove.renamed');
    this.#records.deleteSnapshot(key);
  }

  listSnapshots(): readonly string[] {
    return this.#records.listSnapshots();
  }

  async mount(
    key: string,
    options: { readonly volatile?: boolean; readonly readonly?: boolean } = {},
  ): Promise<MountedRootfs> {
    const lowers = this.#lowers(this.#records.layersOf(key));
    const directory = this.#snapshot(key);
    // Read-only, the upper layer is one more lower: the snapshot may be mounted writable elsewhere meanwhile.
    if (options.readonly === true)
      return this.#mounted({ lowers: [...lowers, join(directory, 'upper')] }, 'ro');
    const work = join(directory, 'work');
    // Left by a volatile mount; a second mount would be refused for it.
    await this.#trash.take(join(work, 'work/incompat'));
    const upper = { directory: join(directory, 'upper'), work };
    return this.#mounted({ lowers, upper, volatile: options.volatile ?? false }, 'rw');
  }

  async view(layers: readonly Digest[]): Promise<MountedRootfs> {
    return this.#mounted({ lowers: this.#lowers(layers) }, 'ro');
  }

  #mounted(stack: Stack, mode: 'ro' | 'rw'): MountedRootfs {
    const least = stack.upper === undefined ? 2 : 1; // overlayfs merges no single directory
    const padding = empties.slice(0, Math.max(0, least - stack.lowers.length));
    const whole = {
      ...stack,
      lowers: [...padding.map((folder) => join(this.#root, folder)), ...stack.lowers],
    };
    const fd = mountOverlay(whole, mode, join(this.#root, 'staging'));
    return { fd, [Symbol.asyncDispose]: undone(() => closeFile(fd))[Symbol.asyncDispose] };
  }

  #lowers(layers: readonly Digest[]): (number | string)[] {
    return layers.map((diffId) => {
      const { path } = this.#records.getLayer(diffId);
      return this.#store.lower(diffId, join(this.#root, path));
    });
  }

  async changes(key: string, options: ChangeOptions = {}): Promise<readonly Change[]> {
    await using below = await this.view(this.#records.layersOf(key));
    const changes = await changesOf(this.#upper(key), below.fd, options.mountPoints);
    return changes.map(({ kind, shown }) => ({ kind, path: shown }));
  }

  async *diffTar(key: string, options: ChangeOptions = {}): AsyncGenerator<Uint8Array> {
    await using below = await this.view(this.#records.layersOf(key));
    yield* tarOf(this.#upper(key), await changesOf(this.#upper(key), below.fd, options.mountPoints));
  }

  async usage(key: string): Promise<Usage> {
    this.#records.layersOf(key);
    return usageOf(this.#upper(key));
  }

  status(): readonly (readonly [string, string])[] {
    return [...this.#status, ...this.#store.status()];
  }

  graphData(key: string): Readonly<Record<string, string>> {
    const layers = this.#records.layersOf(key).map((diffId) => {
      const path = join(this.#root, this.#records.getLayer(diffId).path);
      return this.name === 'overlay' ? join(path, 'diff') : path;
    });
    return {
      LowerDir: layers.toReversed().join(':'),
      UpperDir: this.#upper(key),
      WorkDir: join(this.#snapshot(key), 'work'),
    };
  }

  async recover(): Promise<void> {
    unmount(join(this.#root, 'staging'));
    await this.#discard('ingest', () => true);
    for (const key of this.#records.listSnapshots('removing')) await this.#finishRemoval(key);
    for (const key of this.#records.listSnapshots())
      if (!existsSync(join(this.#snapshot(key), 'work'))) await this.remove(key);
    const keys = new Set(this.#records.listSnapshots());
    await this.#discard('snapshots', (name) => !keys.has(name));
    for (const layer of this.#records.listLayers('removing')) await this.#finishLayerRemoval(layer.diffId);
    for (const layer of this.#records.listLayers())
      if (!existsSync(join(this.#root, layer.path))) this.#loseLayer(layer.diffId);
    const paths = new Set(this.#records.listLayers().map(({ path }) => path));
    await this.#discard('layers', (name) => !paths.has(`layers/${name}`));
    this.#trash.empty();
  }

  #loseLayer(diffId: Digest): void {
    this.#log.error('a layer is gone from the disk', { diffId });
    this.#records.deleteLayer(diffId);
  }

  async #discard(folder: string, isLeft: (name: string) => boolean): Promise<void> {
    for (const name of readdirSync(join(this.#root, folder)))
      if (isLeft(name)) await this.#trash.take(join(this.#root, folder, name));
  }

  settled(): Promise<void> {
    return this.#trash.settled();
  }

  async close(): Promise<void> {
    await this.#trash.close();
    await this.#store.close();
  }

  #snapshot(key: string): string {
    return join(this.#root, 'snapshots', key);
  }

  #upper(key: string): string {
    return join(this.#snapshot(key), 'upper');
  }
}

const empties = ['empty', 'empty2'];

/** On the worker pool: the last descriptor of a mount takes its inodes with it, which may be many. */
const closeFile = promisify(close);

const asLayer = ({ diffId, size, tarSize }: Layer): Layer => ({ diffId, size, tarSize });
