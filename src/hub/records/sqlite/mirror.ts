import type { Digest } from '#oci/digest.ts';
import type { SizedBlob } from '../collection.ts';
import type { MirrorManifest, MirrorRecords, MirrorTag } from '../mirror.ts';
import { batchSize } from './pages.ts';
import type { SqliteParts } from './parts.ts';

/** Use is recorded no more often than this: reads then write next to nothing. */
const useMilliseconds = 60_000;

interface ManifestRow {
  readonly digest: Digest;
  readonly media_type: string;
  readonly bytes: Uint8Array;
  readonly used_at: string;
}

interface BlobRow {
  readonly digest: Digest;
  readonly size: number;
  readonly used_at: string;
}

export class SqliteMirror implements MirrorRecords {
  readonly #database: SqliteParts['database'];
  readonly #now: () => Date;

  constructor({ database, now }: Pick<SqliteParts, 'database' | 'now'>) {
    this.#database = database;
    this.#now = now;
  }

  async tag(name: string, tag: string): Promise<MirrorTag | undefined> {
    const sql = 'SELECT digest, checked_at AS checkedAt FROM mirror_tag WHERE name = ? AND tag = ?';
    const row = this.#database.get<MirrorTag>(sql, name, tag);
    return row && { ...row };
  }

  async confirmTag(name: string, tag: string, digest: Digest): Promise<boolean> {
    const sql = 'UPDATE mirror_tag SET checked_at = ? WHERE name = ? AND tag = ? AND digest = ?';
    return this.#database.run(sql, this.#time(), name, tag, digest) > 0;
  }

  async manifest(name: string, digest: Digest): Promise<MirrorManifest | undefined> {
    const row = this.#database.get<ManifestRow>(
      'SELECT m.* FROM mirror_manifest m JOIN mirror_link l ON l.digest = m.digest WHERE l.name = ? AND m.digest = ?',
      ...[name, digest],
    );
    if (row === undefined) return undefined;
    if (this.#isStale(row.used_at))
      this.#database.run('UPDATE mirror_manifest SET used_at = ? WHERE digest = ?', this.#time(), digest);
    return { digest, mediaType: row.media_type, bytes: row.bytes };
  }

  async putManifest(name: string, { digest, mediaType, bytes }: MirrorManifest, tag?: string): Promise<void> {
    this.#database.transaction(() => {
      this.#database.run(
        'INSERT OR REPLACE INTO mirror_manifest VALUES (?, ?, ?, ?)',
        ...[digest, mediaType, bytes, this.#time()],
      );
      this.#link(name, digest);
      if (tag !== undefined)
        this.#database.run(
          'INSERT OR REPLACE INTO mirror_tag VALUES (?, ?, ?, ?)',
          ...[name, tag, digest, this.#time()],
        );
    });
  }

  async blobSize(name: string, digest: Digest): Promise<number | undefined> {
    const row = this.#database.get<BlobRow>(
      'SELECT b.* FROM mirror_blob b JOIN mirror_link l ON l.digest = b.digest WHERE l.name = ? AND b.digest = ?',
      ...[name, digest],
    );
    if (row !== undefined && this.#isStale(row.used_at))
      this.#database.run('UPDATE mirror_blob SET used_at = ? WHERE digest = ?', this.#time(), digest);
    return row?.size;
  }

  async putBlob({ digest, size }: SizedBlob, names: readonly string[]): Promise<void> {
    this.#database.transaction(() => {
      this.#database.run('INSERT OR REPLACE INTO mirror_blob VALUES (?, ?, ?)', digest, size, this.#time());
      for (const name of names) this.#link(name, digest);
    });
  }

  async dropBlob(digest: Digest): Promise<void> {
    this.#database.transaction(() => this.#dropBlob(digest));
  }

  async unknownBlobs(digests: readonly Digest[]): Promise<readonly Digest[]> {
    return this.#database
      .all<{ digest: Digest }>(
        `SELECT value AS digest FROM json_each(?)
          WHERE NOT EXISTS (SELECT 1 FROM mirror_blob WHERE digest = value)`,
        JSON.stringify(digests),
      )
      .map(({ digest }) => digest);
  }

  async dropManifests(before: string): Promise<number> {
    return this.#database.transaction(() => {
      const rows = this.#database.all<{ digest: Digest }>(
        `SELECT digest FROM mirror_manifest WHERE used_at < ? ORDER BY used_at LIMIT ${batchSize}`,
        before,
      );
      for (const { digest } of rows) {
        this.#database.run('DELETE FROM mirror_manifest WHERE digest = ?', digest);
        this.#database.run('DELETE FROM mirror_tag WHERE digest = ?', digest);
        this.#unlink(digest);
      }
      return rows.length;
    });
  }

  async dropBlobs({
    before,
    maxBytes,
  }: {
    readonly before: string;
    readonly maxBytes: number;
  }): Promise<readonly SizedBlob[]> {
    return this.#database.transaction(() => {
      const dropped = this.#excess(before, maxBytes);
      for (const { digest } of dropped) this.#dropBlob(digest);
      return dropped.map(({ digest, size }) => ({ digest, size }));
    });
  }

  /** The first ones that have to go, no more than a batch. */
  #excess(before: string, maxBytes: number): readonly BlobRow[] {
    let { bytes } = this.#database.get<{ bytes: number }>(
      'SELECT coalesce(sum(size), 0) AS bytes FROM mirror_blob',
    )!;
    const rows = this.#database.all<BlobRow>(
      `SELECT digest, size, used_at FROM mirror_blob ORDER BY used_at, digest LIMIT ${batchSize}`,
    );
    const kept = rows.findIndex(({ size, used_at: usedAt }) => {
      if (usedAt >= before && bytes <= maxBytes) return true;
      bytes -= size;
      return false;
    });
    return kept === -1 ? rows : rows.slice(0, kept);
  }

  #dropBlob(digest: Digest): void {
    this.#database.run('DELETE FROM mirror_blob WHERE digest = ?', digest);
    this.#unlink(digest);
  }

  #link(name: string, digest: Digest): void {
    this.#database.run('INSERT OR IGNORE INTO mirror_link VALUES (?, ?)', name, digest);
  }

  /** What is there neither as a manifest nor as a blob is no repository's. */
  #unlink(digest: Digest): void {
    this.#database.run(
      `DELETE FROM mirror_link WHERE digest = ?1
          AND NOT EXISTS (SELECT 1 FROM mirror_blob WHERE digest = ?1)
          AND NOT EXISTS (SELECT 1 FROM mirror_manifest WHERE digest = ?1)`,
      digest,
    );
  }

  #isStale(usedAt: string): boolean {
    return this.#now().getTime() - Date.parse(usedAt) > useMilliseconds;
  }

  #time(): string {
    return this.#now().toISOString();
  }
}
