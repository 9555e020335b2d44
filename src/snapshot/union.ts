import type { TarLimits } from '#archive/limits.ts';
import type { Log } from '#base/log.ts';
import { unmount } from '#linux/index.ts';
import type { Digest } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import { ActiveSnapshots } from './active.ts';
import type { LayerStore } from './layer-store.ts';
import { asLayer, Layers } from './layers.ts';
import { Places } from './places.ts';
import { Records } from './records.ts';
import type {
  Change,
  ChangeOptions,
  DiffOptions,
  DriverName,
  IngestOptions,
  Layer,
  MountedRootfs,
  MountOptions,
  Snapshotter,
  Usage,
} from './snapshotter.ts';
import { Trash } from './trash.ts';
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

/** A snapshotter over overlayfs, whatever keeps its layers: layers, the snapshots above them, and one trash for both. */
export class UnionSnapshotter implements Snapshotter {
  readonly name: DriverName;
  readonly #store: LayerStore;
  readonly #places: Places;
  readonly #records: Records;
  readonly #trash: Trash;
  readonly #layers: Layers;
  readonly #active: ActiveSnapshots;
  readonly #status: readonly (readonly [string, string])[];

  constructor({ database, root, store, log, limits = {}, status = [] }: UnionOptions) {
    this.name = store.name;
    this.#store = store;
    this.#status = status;
    const places = new Places(root);
    const records = new Records(database, store.name);
    const trash = new Trash(places.trash, log);
    this.#layers = new Layers({ store, records, places, trash, log, limits });
    this.#active = new ActiveSnapshots({ layers: this.#layers, records, places, trash });
    this.#places = places;
    this.#records = records;
    this.#trash = trash;
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

  ingest(tar: AsyncIterable<Uint8Array>, options: IngestOptions = {}): Promise<Layer> {
    return this.#layers.ingest(tar, options);
  }

  sync(): Promise<void> {
    return this.#layers.sync();
  }

  readTar(diffId: Digest): AsyncIterable<Uint8Array> {
    return this.#layers.readTar(diffId);
  }

  removeLayer(diffId: Digest): Promise<void> {
    return this.#layers.remove(diffId);
  }

  prepare(key: string, layers: readonly Digest[]): Promise<void> {
    return this.#active.prepare(key, layers);
  }

  remove(key: string): Promise<void> {
    return this.#active.remove(key);
  }

  listSnapshots(): readonly string[] {
    return this.#records.listSnapshots();
  }

  mount(key: string, options: MountOptions = {}): Promise<MountedRootfs> {
    return this.#active.mount(key, options);
  }

  async view(layers: readonly Digest[]): Promise<MountedRootfs> {
    return this.#active.view(layers);
  }

  async changes(key: string, options: ChangeOptions = {}): Promise<readonly Change[]> {
    const changes = await this.#active.changes(key, options.mountPoints);
    return changes.map(({ kind, shown }) => ({ kind, path: shown }));
  }

  async *diffTar(key: string, options: DiffOptions = {}): AsyncGenerator<Uint8Array> {
    const changes = await this.#active.changes(key, options.mountPoints, options.signal);
    yield* tarOf(this.#places.upper(key), changes, options.latest);
  }

  async usage(key: string): Promise<Usage> {
    this.#records.layersOf(key);
    return usageOf(this.#places.upper(key));
  }

  status(): readonly (readonly [string, string])[] {
    return [...this.#status, ...this.#store.status()];
  }

  graphData(key: string): Readonly<Record<string, string>> {
    return {
      LowerDir: this.#shown(this.#records.layersOf(key)).join(':'),
      UpperDir: this.#places.upper(key),
      WorkDir: this.#places.work(key),
    };
  }

  layerData(layers: readonly Digest[]): Readonly<Record<string, string>> {
    if (layers.length === 0 || !layers.every((diffId) => this.has(diffId))) return {};
    const [top = '', ...lower] = this.#shown(layers);
    return { ...(lower.length > 0 && { LowerDir: lower.join(':') }), UpperDir: top };
  }

  /** Where layers are, the top one first. */
  #shown(layers: readonly Digest[]): string[] {
    const records = layers.map((diffId) => this.#records.getLayer(diffId));
    return records.map(({ path }) => this.#store.shown(this.#places.layer(path))).toReversed();
  }

  async recover(): Promise<void> {
    unmount(this.#places.staging);
    this.#store.recover();
    await this.#active.recover();
    await this.#layers.recover();
    this.#trash.empty();
  }

  settled(): Promise<void> {
    return this.#trash.settled();
  }

  async close(): Promise<void> {
    await this.#layers.close();
    await this.#trash.close();
    await this.#store.close();
  }
}
