import { isImmutableTag } from '../immutable-tags.ts';
import type { ManifestPush, ManifestRecords, PushedManifest, StoredManifest } from '../manifests.ts';
import type { RepositoryKey } from '../repositories.ts';
import { hasBlob } from './holdings.ts';
import { linkReferences, referenceFault } from './manifest-references.ts';
import type { SqliteParts } from './parts.ts';

interface ManifestRow {
  readonly digest: string;
  readonly media_type: string;
  readonly bytes: Uint8Array;
}

const byTag = `SELECT m.digest, m.media_type, c.bytes FROM tag t
    JOIN repository_manifest m ON m.repository_id = t.repository_id AND m.digest = t.digest
    JOIN manifest_content c ON c.digest = t.digest
   WHERE t.repository_id = ? AND t.name = ?`;
const byDigest = `SELECT m.digest, m.media_type, c.bytes FROM repository_manifest m
    JOIN manifest_content c ON c.digest = m.digest
   WHERE m.repository_id = ? AND m.digest = ?`;

/** A push that is not to be, out of its transaction. */
class Refused extends Error {
  readonly push: ManifestPush;

  constructor(push: ManifestPush) {
    super(push.kind);
    this.push = push;
  }
}

export class SqliteManifests implements ManifestRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async find({ id }: RepositoryKey, reference: string): Promise<StoredManifest | undefined> {
    const sql = reference.includes(':') ? byDigest : byTag;
    const row = this.#parts.database.get<ManifestRow>(sql, id, reference);
    return row && { digest: row.digest, mediaType: row.media_type, bytes: row.bytes };
  }

  async isInIndex({ id }: RepositoryKey, digest: string): Promise<boolean> {
    const sql =
      "SELECT 1 FROM manifest_link WHERE repository_id = ? AND target = ? AND kind = 'manifest' LIMIT 1";
    return this.#parts.database.get(sql, id, digest) !== undefined;
  }

  async push({ id }: RepositoryKey, manifest: PushedManifest): Promise<ManifestPush> {
    try {
      this.#parts.database.transaction(() => this.#push(id, manifest));
      return { kind: 'pushed' };
    } catch (error) {
      if (error instanceof Refused) return error.push;
      throw error;
    }
  }

  #push(id: number, manifest: PushedManifest): void {
    const { database, ledger, now } = this.#parts;
    const { digest, bytes } = manifest;
    const at = now().toISOString();
    const repository = database.get<{ immutable_tags: string }>(
      'UPDATE repository SET updated_at = ? WHERE id = ? RETURNING immutable_tags',
      ...[at, id],
    );
    if (repository === undefined) throw new Refused({ kind: 'gone' });
    const fault = referenceFault(database, id, manifest.references);
    if (fault !== undefined) throw new Refused(fault);
    database.run('INSERT OR IGNORE INTO manifest_content VALUES (?, ?, ?)', digest, bytes.length, bytes);
    if (this.#add(id, manifest, at)) {
      linkReferences(database, { repositoryId: id, digest }, manifest.references);
      if (!hasBlob(database, id, digest)) ledger.link(id, { digest, size: bytes.length });
    } else
      database.run(
        'UPDATE repository_manifest SET media_type = ?, pushed_at = ?, pushed_by = ? WHERE repository_id = ? AND digest = ?',
        ...[manifest.mediaType, at, manifest.by ?? null, id, digest],
      );
    if (manifest.tag !== undefined)
      this.#setTag(JSON.parse(repository.immutable_tags) as string[], {
        ...{ id, tag: manifest.tag, digest, at, by: manifest.by },
      });
  }

  /** @returns false when the repository had it */
  #add(id: number, manifest: PushedManifest, at: string): boolean {
    const { digest, mediaType, artifactType, annotations, subject, platform, references, by } = manifest;
    const totalSize = references.reduce((sum, { kind, size }) => (kind === 'manifest' ? sum : sum + size), 0);
    const added = this.#parts.database.run(
      `INSERT OR IGNORE INTO repository_manifest
         (repository_id, digest, media_type, artifact_type, annotations, subject, total_size, platform, pushed_at, pushed_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, digest, mediaType, artifactType, JSON.stringify(annotations)],
      ...[subject ?? null, totalSize, platform, at, by ?? null],
    );
    return added > 0;
  }

  #setTag(
    patterns: readonly string[],
    {
      id,
      tag,
      digest,
      at,
      by,
    }: Record<'tag' | 'digest' | 'at', string> & { readonly id: number; readonly by: string | undefined },
  ): void {
    const { database } = this.#parts;
    const sql = 'SELECT digest FROM tag WHERE repository_id = ? AND name = ?';
    const current = database.get<{ digest: string }>(sql, id, tag)?.digest;
    if (current !== undefined && current !== digest && isImmutableTag(patterns, tag))
      throw new Refused({ kind: 'immutable', digest: current });
    database.run(
      `INSERT INTO tag (repository_id, name, digest, updated_at, updated_by) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (repository_id, name) DO UPDATE
         SET digest = excluded.digest, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
      ...[id, tag, digest, at, by ?? null],
    );
  }
}
