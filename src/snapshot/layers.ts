import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { TarLimits } from '#archive/limits.ts';
import { crashPoint } from '#base/crash-point.ts';
import { invalid } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { KeyedLock } from '#base/keyed-lock.ts';
import type { Log } from '#base/log.ts';
import { syncDirectory } from '#base/replace-file.ts';
import { bootId } from '#linux/index.ts';
import type { Digest } from '#oci/digest.ts';
import type { LayerStore } from './layer-store.ts';
import type { Places } from './places.ts';
import type { Records, StoredLayer } from './records.ts';
import type { IngestOptions, Layer } from './snapshotter.ts';
import type { Trash } from './trash.ts';

export interface LayersOptions {
  readonly store: LayerStore;
  readonly records: Records;
  readonly places: Places;
  readonly trash: Trash;
  readonly log: Log;
  readonly limits: Partial<TarLimits>;
}

/** How long after the last layer that is to be durable later. */
const syncDelay = 2000;

/** The read-only layers of a driver: each a file or folder under its final name, and a record made after it. */
export class Layers {
  readonly #options: LayersOptions;
  readonly #locks = new KeyedLock();
  readonly #unsynced = new Set<Digest>();
  #syncing: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: LayersOptions) {
    this.#options = options;
  }

  async ingest(
    tar: AsyncIterable<Uint8Array>,
    { expected, signal, durable = 'now' }: IngestOptions,
  ): Promise<Layer> {
    const { store, places, trash, limits } = this.#options;
    const temporary = places.ingest(newId());
    try {
      crashPoint('snapshot.ingest.begin');
      const written = await store.write(temporary, tar, { limits, signal, durable });
      if (expected !== undefined && written.diffId !== expected)
        throw invalid(`layer's digest is ${written.diffId}, not ${expected}`);
      const layer = { ...written, path: places.layerName(written.diffId) };
      await this.#commit(temporary, layer, durable);
      return asLayer(layer);
    } finally {
      await trash.take(temporary);
    }
  }

  async #commit(temporary: string, layer: StoredLayer, durable: 'now' | 'later'): Promise<void> {
    const { records, places, trash } = this.#options;
    using _held = await this.#locks.acquire(layer.diffId);
    if (records.findLayer(layer.diffId) !== undefined) {
      if (durable === 'now') await this.sync();
      return;
    }
    const path = places.layer(layer.path);
    await trash.take(path);
    crashPoint('snapshot.ingest.written');
    await rename(temporary, path);
    if (durable === 'now') await syncDirectory(dirname(path));
    crashPoint('snapshot.ingest.renamed');
    records.addLayer(layer, durable === 'later' ? bootId() : undefined);
    if (durable === 'later') this.#syncSoon(layer.diffId);
  }

  #syncSoon(diffId: Digest): void {
    this.#unsynced.add(diffId);
    clearTimeout(this.#syncing);
    this.#syncing = setTimeout(() => {
      this.sync().catch((error: unknown) => this.#options.log.error('cannot make layers durable', { error }));
    }, syncDelay).unref();
  }

  /** Makes durable what was ingested to be so later. */
  sync(): Promise<void> {
    const running = this.#running.then(() => this.#sync());
    this.#running = running.catch(() => undefined); // told to who asked
    return running;
  }

  async #sync(): Promise<void> {
    const { store, places, records } = this.#options;
    const diffIds = [...this.#unsynced];
    if (diffIds.length === 0) return;
    const paths = diffIds.map((diffId) => places.layer(places.layerName(diffId)));
    this.#unsynced.clear();
    try {
      await store.sync(paths);
      await syncDirectory(dirname(paths[0]!));
    } catch (error) {
      for (const diffId of diffIds) this.#unsynced.add(diffId);
      throw error;
    }
    // One may have been removed and made anew meanwhile.
    records.setSynced(diffIds.filter((diffId) => !this.#unsynced.has(diffId)));
  }

  async close(): Promise<void> {
    clearTimeout(this.#syncing);
    await this.sync().catch((error: unknown) => {
      this.#options.log.error('cannot make layers durable', { error });
    });
  }

  async *readTar(diffId: Digest): AsyncGenerator<Uint8Array> {
    const { records, store } = this.#options;
    const { path, tarSize } = records.getLayer(diffId);
    yield* store.readTar(this.#options.places.layer(path), tarSize);
  }

  async remove(diffId: Digest): Promise<void> {
    using _held = await this.#locks.acquire(diffId);
    if (this.#options.records.setLayerRemoving(diffId) === 'removing') await this.#finishRemoval(diffId);
  }

  async #finishRemoval(diffId: Digest): Promise<void> {
    const { store, places, trash, records } = this.#options;
    crashPoint('snapshot.removeLayer.recorded');
    this.#unsynced.delete(diffId);
    await store.release(diffId);
    await trash.take(places.layer(places.layerName(diffId)));
    crashPoint('snapshot.removeLayer.renamed');
    records.deleteLayer(diffId);
  }

  /** What overlayfs takes for layers, in their order. @throws {EngineError} `notFound` */
  lowers(layers: readonly Digest[]): (number | string)[] {
    const { store, places, records } = this.#options;
    return layers.map((diffId) => store.lower(diffId, places.layer(records.getLayer(diffId).path)));
  }

  /** Undoes ingests that a crash cut short, and finishes removals. */
  async recover(): Promise<void> {
    const { places, records, trash } = this.#options;
    for (const [, path] of places.list('ingest')) await trash.take(path);
    for (const { diffId } of records.listLayers('removing')) await this.#finishRemoval(diffId);
    for (const { diffId, boot } of records.unsyncedLayers()) {
      // The machine went down before it was on disk: what is there may be any part of it.
      if (boot !== bootId()) records.deleteLayer(diffId);
      else this.#syncSoon(diffId);
    }
    const stored = records.listLayers();
    for (const { diffId, path } of stored) if (!existsSync(places.layer(path))) this.#lose(diffId);
    const known = new Set(stored.map(({ path }) => places.layer(path)));
    for (const [, path] of places.list('layers')) if (!known.has(path)) await trash.take(path);
  }

  #lose(diffId: Digest): void {
    this.#options.log.error('a layer is gone from the disk', { diffId });
    this.#options.records.deleteLayer(diffId);
  }
}

export const asLayer = ({ diffId, size, tarSize }: Layer): Layer => ({ diffId, size, tarSize });
