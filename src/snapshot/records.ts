import { EngineError } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import type { DriverName, Layer } from './snapshotter.ts';

/** What a layer's tar says of its root directory: the merged root of a container has it from the topmost that does. */
export interface RootMetadata {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Names as byte strings, values in base64. */
  readonly xattrs: readonly (readonly [name: string, value: string])[];
}

export interface StoredLayer extends Layer {
  /** Relative to the driver's root. */
  readonly path: string;
  readonly root: RootMetadata | undefined;
}

interface LayerRow {
  readonly diff_id: Digest;
  readonly size: number;
  readonly tar_size: number;
  readonly path: string;
  readonly root: string | null;
}

/** One driver's rows of the tables layer, snapshot and snapshot_layer. */
export class Records {
  readonly #database: Database;
  readonly #driver: DriverName;

  constructor(database: Database, driver: DriverName) {
    this.#database = database;
    this.#driver = driver;
  }

  findLayer(diffId: Digest): StoredLayer | undefined {
    const sql = `SELECT * FROM layer WHERE driver = ? AND diff_id = ? AND state = 'stored'`;
    const row = this.#database.get<LayerRow>(sql, this.#driver, diffId);
    return row && layerOf(row);
  }

  /** @throws {EngineError} `notFound` */
  getLayer(diffId: Digest): StoredLayer {
    const layer = this.findLayer(diffId);
    if (layer === undefined) throw new EngineError('notFound', `layer does not exist: ${diffId}`);
    return layer;
  }

  listLayers(state: 'stored' | 'removing' = 'stored'): readonly StoredLayer[] {
    const sql = 'SELECT * FROM layer WHERE driver = ? AND state = ? ORDER BY diff_id';
    return this.#database.all<LayerRow>(sql, this.#driver, state).map(layerOf);
  }

  /** @param unsynced the boot in which it was written, when it is not known to be on disk: told by `unsyncedLayers` */
  addLayer(layer: StoredLayer, unsynced?: string): void {
    this.#database.transaction(() => {
      if (unsynced !== undefined)
        this.#database.run('INSERT OR REPLACE INTO meta VALUES (?, ?)', this.#mark(layer.diffId), unsynced);
      this.#putLayer(layer);
    });
  }

  #mark(diffId: string): string {
    return `unsynced-layer/${this.#driver}/${diffId}`;
  }

  /** Layers that are not known to be on disk, each with the boot in which it was written. */
  unsyncedLayers(): readonly { readonly diffId: Digest; readonly boot: string }[] {
    const prefix = this.#mark('');
    return this.#database
      .all<{ name: string; value: string }>(
        'SELECT * FROM meta WHERE name BETWEEN ? AND ?',
        prefix,
        `${prefix}~`,
      )
      .map(({ name, value }) => ({ diffId: name.slice(prefix.length) as Digest, boot: value }));
  }

  setSynced(diffIds: readonly Digest[]): void {
    this.#database.transaction(() => {
      for (const diffId of diffIds) this.#database.run('DELETE FROM meta WHERE name = ?', this.#mark(diffId));
    });
  }

  #putLayer(layer: StoredLayer): void {
    this.#database.run(
      `INSERT INTO layer (driver, diff_id, state, size, tar_size, path, root, created_at)
       VALUES (?, ?, 'stored', ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET state = 'stored'`,
      this.#driver,
      layer.diffId,
      layer.size,
      layer.tarSize,
      layer.path,
      layer.root === undefined ? null : JSON.stringify(layer.root),
      new Date().toISOString(),
    );
  }

  /** @throws {EngineError} `conflict` when a snapshot stands on the layer */
  setLayerRemoving(diffId: Digest): 'removing' | 'absent' {
    return this.#database.transaction(() => {
      const user = this.#database.get<{ key: string }>(
        `SELECT snapshot_layer.key FROM snapshot_layer JOIN snapshot USING (key)
         WHERE diff_id = ? AND driver = ? AND state = 'active'`,
        diffId,
        this.#driver,
      );
      if (user !== undefined)
        throw new EngineError('conflict', `layer ${diffId} is in use by the snapshot ${user.key}`);
      const sql = `UPDATE layer SET state = 'removing' WHERE driver = ? AND diff_id = ?`;
      return this.#database.run(sql, this.#driver, diffId) > 0 ? 'removing' : 'absent';
    });
  }

  deleteLayer(diffId: Digest): void {
    this.setSynced([diffId]);
    this.#database.run('DELETE FROM layer WHERE driver = ? AND diff_id = ?', this.#driver, diffId);
  }

  /** @throws {EngineError} `conflict` when the key is taken, `notFound` when a layer is not stored */
  addSnapshot(key: string, layers: readonly Digest[]): void {
    this.#database.transaction(() => {
      if (this.#database.get('SELECT key FROM snapshot WHERE key = ?', key) !== undefined)
        throw new EngineError('conflict', `snapshot ${key} already exists`);
      this.#database.run(
        `INSERT INTO snapshot (key, driver, state, created_at) VALUES (?, ?, 'active', ?)`,
        key,
        this.#driver,
        new Date().toISOString(),
      );
      layers.forEach((diffId, position) => {
        this.getLayer(diffId);
        const sql = 'INSERT INTO snapshot_layer (key, position, diff_id) VALUES (?, ?, ?)';
        this.#database.run(sql, key, position, diffId);
      });
    });
  }

  /** The layers beneath a snapshot, bottom first. @throws {EngineError} `notFound` */
  layersOf(key: string): readonly Digest[] {
    const sql = `SELECT key FROM snapshot WHERE key = ? AND driver = ? AND state = 'active'`;
    if (this.#database.get(sql, key, this.#driver) === undefined)
      throw new EngineError('notFound', `snapshot does not exist: ${key}`);
    return this.#database
      .all<{ diff_id: Digest }>('SELECT diff_id FROM snapshot_layer WHERE key = ? ORDER BY position', key)
      .map((row) => row.diff_id);
  }

  listSnapshots(state: 'active' | 'removing' = 'active'): readonly string[] {
    const sql = 'SELECT key FROM snapshot WHERE driver = ? AND state = ? ORDER BY key';
    return this.#database.all<{ key: string }>(sql, this.#driver, state).map((row) => row.key);
  }

  setSnapshotRemoving(key: string): 'removing' | 'absent' {
    const sql = `UPDATE snapshot SET state = 'removing' WHERE key = ? AND driver = ?`;
    return this.#database.run(sql, key, this.#driver) > 0 ? 'removing' : 'absent';
  }

  deleteSnapshot(key: string): void {
    this.#database.run('DELETE FROM snapshot WHERE key = ? AND driver = ?', key, this.#driver);
  }
}

const layerOf = (row: LayerRow): StoredLayer => ({
  diffId: row.diff_id,
  size: row.size,
  tarSize: row.tar_size,
  path: row.path,
  root: row.root === null ? undefined : (JSON.parse(row.root) as RootMetadata),
});
