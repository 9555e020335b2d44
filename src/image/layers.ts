import { crashPoint } from '#base/crash-point.ts';
import type { Log } from '#base/log.ts';
import type { Digest } from '#oci/digest.ts';
import type { Snapshotter } from '#snapshot/snapshotter.ts';
import type { Database } from '#state/database.ts';

const keptHours = 24;

/**
 * Which layers must stay: those of images and snapshots (rows), of what is being made in this process (holds), and for a
 * day those of a pull that failed, so that its next try begins where it ended.
 */
export class Layers {
  readonly #database: Database;
  readonly #snapshotter: Snapshotter;
  readonly #log: Log;
  readonly #now: () => Date;
  readonly #holds = new Map<Digest, number>();
  readonly #removals = new Map<Digest, Promise<void>>();
  #ingesting = 0;
  #deferred = false;

  constructor(options: { database: Database; snapshotter: Snapshotter; log: Log; now: () => Date }) {
    this.#database = options.database;
    this.#snapshotter = options.snapshotter;
    this.#log = options.log;
    this.#now = options.now;
  }

  /** Keeps layers from being collected until disposed of. */
  hold(diffIds: readonly Digest[]): Disposable {
    let held = true;
    for (const diffId of diffIds) this.#holds.set(diffId, (this.#holds.get(diffId) ?? 0) + 1);
    const release = () => {
      if (held) for (const diffId of diffIds) this.#release(diffId);
      held = false;
    };
    return { [Symbol.dispose]: release };
  }

  /** The same, once removals under way have ended: then `snapshotter.has` can be believed. */
  async acquire(diffIds: readonly Digest[]): Promise<Disposable> {
    const held = this.hold(diffIds);
    await Promise.all(diffIds.map((diffId) => this.#removals.get(diffId)));
    return held;
  }

  /**
   * Stores a layer whose digest only its end tells, and holds it. Until then nothing is collected: it might be that one.
   *
   * @param held disposes of the hold
   */
  async ingest(
    tar: AsyncIterable<Uint8Array>,
    held: DisposableStack,
    signal?: AbortSignal,
    durable: 'now' | 'later' = 'now',
  ): Promise<Digest> {
    this.#ingesting += 1;
    try {
      const { diffId } = await this.#snapshotter.ingest(tar, { durable, ...(signal && { signal }) });
      held.use(this.hold([diffId]));
      return diffId;
    } finally {
      this.#ingesting -= 1;
      if (this.#ingesting === 0 && this.#deferred) void this.collect();
    }
  }

  #release(diffId: Digest): void {
    const count = this.#holds.get(diffId) ?? 0;
    if (count > 1) this.#holds.set(diffId, count - 1);
    else this.#holds.delete(diffId);
  }

  /** Keeps a layer of an unfinished pull for a day, over restarts too. */
  keep(diffId: Digest): void {
    const until = new Date(this.#now().getTime() + keptHours * 3_600_000).toISOString();
    this.#database.run('INSERT OR REPLACE INTO kept_layer VALUES (?, ?)', diffId, until);
  }

  /**
   * Removes layers that nothing needs. What cannot be removed is told to the log and stays for another time: whoever asks
   * has already done what he came for.
   *
   * @param options.kept also those kept for a next try
   * @returns their bytes
   */
  async collect(
    options: { readonly kept?: boolean; readonly only?: readonly Digest[] } = {},
  ): Promise<number> {
    this.#deferred = this.#ingesting > 0;
    if (this.#deferred) return 0;
    try {
      const until = options.kept ? '9999' : this.#now().toISOString();
      this.#database.run('DELETE FROM kept_layer WHERE until < ?', until);
      const candidates = options.only ?? this.#snapshotter.listLayers().map(({ diffId }) => diffId);
      const sizes = await Promise.all(candidates.map((diffId) => this.#removeUnneeded(diffId)));
      return sizes.reduce((sum, size) => sum + size, 0);
    } catch (error) {
      this.#log.warn('cannot collect layers', { error });
      return 0;
    }
  }

  async #removeUnneeded(diffId: Digest): Promise<number> {
    if (!this.#snapshotter.has(diffId) || this.#isNeeded(diffId)) return 0;
    const { size } = this.#snapshotter.getLayer(diffId);
    crashPoint('image.layer-unneeded');
    const removal = this.#snapshotter.removeLayer(diffId).catch((error: unknown) => {
      this.#log.warn('cannot remove a layer', { diffId, error });
    });
    this.#removals.set(diffId, removal);
    await removal;
    this.#removals.delete(diffId);
    this.#database.run('DELETE FROM layer_source WHERE diff_id = ?', diffId);
    return size;
  }

  #isNeeded(diffId: Digest): boolean {
    if (this.#holds.has(diffId) || this.#removals.has(diffId)) return true;
    const places = [
      'image_layer WHERE diff_id',
      'snapshot_layer WHERE diff_id',
      'kept_layer WHERE diff_id',
      'build_step WHERE layer',
    ];
    return places.some(
      (place) => this.#database.get(`SELECT 1 FROM ${place} = ? LIMIT 1`, diffId) !== undefined,
    );
  }
}
