import { close, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crashPoint } from '#base/crash-point.ts';
import { invalid } from '#base/errors.ts';
import { undone } from '#base/undo.ts';
import type { Digest } from '#oci/digest.ts';
import type { Layers } from './layers.ts';
import { mountOverlay, type Stack } from './overlay-mount.ts';
import type { Places } from './places.ts';
import type { Records } from './records.ts';
import { inheritRoot } from './root-metadata.ts';
import type { MountedRootfs, MountOptions } from './snapshotter.ts';
import type { Trash } from './trash.ts';
import { changesOf, type UpperChange } from './upper/changes.ts';

export interface ActiveOptions {
  readonly layers: Layers;
  readonly records: Records;
  readonly places: Places;
  readonly trash: Trash;
}

/** The writable snapshots of a driver: a record, then a folder, and the mounts of both. */
export class ActiveSnapshots {
  readonly #options: ActiveOptions;

  constructor(options: ActiveOptions) {
    this.#options = options;
  }

  async prepare(key: string, layers: readonly Digest[]): Promise<void> {
    const { records, places } = this.#options;
    if (!/^[A-Za-z0-9][\w.-]{0,200}$/.test(key))
      throw invalid(`invalid snapshot key: ${JSON.stringify(key)}`);
    records.addSnapshot(key, layers);
    crashPoint('snapshot.prepare.recorded');
    try {
      mkdirSync(places.snapshot(key), { mode: 0o700 });
      mkdirSync(places.upper(key), { mode: 0o755 });
      crashPoint('snapshot.prepare.half');
      inheritRoot(
        places.upper(key),
        layers.map((diffId) => records.getLayer(diffId)),
      );
      mkdirSync(places.work(key), { mode: 0o700 });
    } catch (error) {
      await this.remove(key);
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    if ((await this.#recordRemoval(key)) === 'removing') await this.#finishRemoval(key);
  }

  /** On a full disk, what is to be removed makes the room for its own record: `recover` knows a snapshot without its folder. */
  async #recordRemoval(key: string): Promise<'removing' | 'absent'> {
    const { records, places, trash } = this.#options;
    try {
      return records.setSnapshotRemoving(key);
    } catch (error) {
      if (!isFull(error)) throw error;
      records.layersOf(key);
      await trash.take(places.snapshot(key));
      await trash.settled();
      return records.setSnapshotRemoving(key);
    }
  }

  async #finishRemoval(key: string): Promise<void> {
    const { records, places, trash } = this.#options;
    crashPoint('snapshot.remove.recorded');
    await trash.take(places.snapshot(key));
    crashPoint('snapshot.remove.renamed');
    try {
      records.deleteSnapshot(key);
    } catch (error) {
      if (!isFull(error)) throw error;
      await trash.settled();
      records.deleteSnapshot(key);
    }
  }

  async mount(key: string, options: MountOptions): Promise<MountedRootfs> {
    const { records, places, trash, layers } = this.#options;
    const own = layers.lowers(records.layersOf(key));
    const lowers = options.beneath === undefined ? own : [options.beneath, ...own];
    const [directory, work] = [places.upper(key), places.work(key)];
    // Read-only, the upper layer is one more lower: the snapshot may be mounted writable elsewhere meanwhile.
    if (options.readonly === true) return this.#mounted({ lowers: [...lowers, directory] }, 'ro');
    // Left by a volatile mount; a second mount would be refused for it.
    const incompatible = join(work, 'work/incompat');
    if (existsSync(incompatible)) await trash.take(incompatible);
    return this.#mounted({ lowers, upper: { directory, work }, volatile: options.volatile ?? false }, 'rw');
  }

  view(layers: readonly Digest[]): MountedRootfs {
    return this.#mounted({ lowers: this.#options.layers.lowers(layers) }, 'ro');
  }

  #mounted(stack: Stack, mode: 'ro' | 'rw'): MountedRootfs {
    const { empties, staging } = this.#options.places;
    const least = stack.upper === undefined ? 2 : 1; // overlayfs merges no single directory
    const padding = empties.slice(0, Math.max(0, least - stack.lowers.length));
    const fd = mountOverlay({ ...stack, lowers: [...padding, ...stack.lowers] }, mode, staging);
    return { fd, [Symbol.asyncDispose]: undone(() => closeFile(fd))[Symbol.asyncDispose] };
  }

  /** What a snapshot changed of the layers beneath it. */
  async changes(
    key: string,
    mountPoints: readonly string[] | undefined,
    signal?: AbortSignal,
  ): Promise<readonly UpperChange[]> {
    const upper = this.#options.places.upper(key);
    const layers = this.#options.records.layersOf(key);
    if (readdirSync(upper).length === 0) return [];
    const below = this.view(layers);
    try {
      return await changesOf(upper, below.fd, mountPoints, signal);
    } finally {
      void below[Symbol.asyncDispose](); // nobody need wait for its inodes to go
    }
  }

  /** Finishes or undoes what a crash left. */
  async recover(): Promise<void> {
    const { places, records, trash } = this.#options;
    for (const key of records.listSnapshots('removing')) await this.#finishRemoval(key);
    for (const key of records.listSnapshots()) if (!existsSync(places.work(key))) await this.remove(key);
    const known = new Set(records.listSnapshots());
    for (const [name, path] of places.list('snapshots')) if (!known.has(name)) await trash.take(path);
  }
}

/** sqlite3.h, SQLITE_FULL */
const isFull = (error: unknown): boolean => (error as { readonly errcode?: number }).errcode === 13;

/** On the worker pool: the last descriptor of a mount takes its inodes with it, which may be many. */
const closeFile = promisify(close);
