import type { Referrer } from '../../api/repositories.ts';
import type { Audited } from '../audit.ts';
import type { ContentRecords, ManifestRecord } from '../contents.ts';
import { isImmutableTag } from '../immutable-tags.ts';
import type { Removal } from '../removal.ts';
import type { RepositoryKey, RepositoryRecord } from '../repositories.ts';
import { hasBlob } from './holdings.ts';
import type { SqliteParts } from './parts.ts';
import { repositoryNow, touchRepository } from './repository-row.ts';

interface ManifestRow {
  readonly digest: string;
  readonly media_type: string;
  readonly artifact_type: string;
  readonly annotations: string;
  readonly total_size: number;
  readonly platform: string;
  readonly pushed_at: string;
  readonly pushed_by: string | null;
  readonly bytes: Uint8Array;
}

interface ImageRow {
  readonly digest: string;
  readonly total_size: number;
  readonly platform: string;
}

interface ReferrerRow {
  readonly digest: string;
  readonly media_type: string;
  readonly artifact_type: string;
  readonly annotations: string;
  readonly size: number;
}

export class SqliteContents implements ContentRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async manifest(
    { id }: RepositoryKey,
    { reference, mostReferrers }: { readonly reference: string; readonly mostReferrers: number },
  ): Promise<ManifestRecord | undefined> {
    const digest = reference.includes(':') ? reference : this.#named(id, reference);
    const row = digest === undefined ? undefined : this.#manifest(id, digest);
    if (row === undefined) return undefined;
    return {
      ...{ digest: row.digest, mediaType: row.media_type, totalSize: row.total_size },
      ...(row.artifact_type !== '' && { artifactType: row.artifact_type }),
      ...(row.platform !== '' && { platform: row.platform }),
      annotations: JSON.parse(row.annotations) as Record<string, string>,
      pushedAt: row.pushed_at,
      ...(row.pushed_by !== null && { pushedBy: row.pushed_by }),
      bytes: row.bytes,
      tags: this.#tags(id, row.digest),
      images: this.#images(id, row.digest),
      referrers: this.#referrers(id, row.digest, mostReferrers),
    };
  }

  async removeManifest(
    key: RepositoryKey,
    digest: string,
    audited: Audited<readonly string[]>,
  ): Promise<Removal> {
    const { database, ledger, audit } = this.#parts;
    return database.transaction(() => {
      const kept = this.#kept(repositoryNow(database, key), digest);
      if (kept !== undefined) return kept;
      const tags = database.all<{ name: string }>(
        'DELETE FROM tag WHERE repository_id = ? AND digest = ? RETURNING name',
        ...[key.id, digest],
      );
      const sql = 'DELETE FROM repository_manifest WHERE repository_id = ? AND digest = ?';
      if (database.run(sql, key.id, digest) === 0) return { kind: 'missing' };
      if (!hasBlob(database, key.id, digest)) ledger.unlink(key.id, digest);
      touchRepository(this.#parts, key);
      audit.write(
        audited,
        tags.map(({ name }) => name),
      );
      return { kind: 'removed' };
    });
  }

  /** Why it is not to be removed; undefined when it may be. */
  #kept({ id, immutableTags }: RepositoryRecord, digest: string): Removal | undefined {
    const index = this.#parts.database.get<{ manifest: string }>(
      "SELECT manifest FROM manifest_link WHERE repository_id = ? AND target = ? AND kind = 'manifest' LIMIT 1",
      ...[id, digest],
    )?.manifest;
    const immutableTag =
      immutableTags.length === 0
        ? undefined
        : this.#tags(id, digest).find((name) => isImmutableTag(immutableTags, name));
    if (index === undefined && immutableTag === undefined) return undefined;
    return { kind: 'kept', index, immutableTag };
  }

  #named(id: number, tag: string): string | undefined {
    const sql = 'SELECT digest FROM tag WHERE repository_id = ? AND name = ?';
    return this.#parts.database.get<{ digest: string }>(sql, id, tag)?.digest;
  }

  #manifest(id: number, digest: string): ManifestRow | undefined {
    return this.#parts.database.get<ManifestRow>(
      `SELECT m.*, c.bytes FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
        WHERE m.repository_id = ? AND m.digest = ?`,
      ...[id, digest],
    );
  }

  #tags(id: number, digest: string): readonly string[] {
    const sql = 'SELECT name FROM tag WHERE repository_id = ? AND digest = ? ORDER BY name';
    return this.#parts.database.all<{ name: string }>(sql, id, digest).map(({ name }) => name);
  }

  #images(id: number, index: string): ManifestRecord['images'] {
    const rows = this.#parts.database.all<ImageRow>(
      `SELECT m.digest, m.total_size, m.platform FROM manifest_link l
         JOIN repository_manifest m ON m.repository_id = l.repository_id AND m.digest = l.target
        WHERE l.repository_id = ? AND l.manifest = ? AND l.kind = 'manifest'`,
      ...[id, index],
    );
    return new Map(
      rows.map(({ digest, total_size: totalSize, platform }) => [digest, { totalSize, platform }]),
    );
  }

  #referrers(id: number, digest: string, most: number): readonly Referrer[] {
    return this.#parts.database
      .all<ReferrerRow>(
        `SELECT m.digest, m.media_type, m.artifact_type, m.annotations, c.size
           FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
          WHERE m.repository_id = ? AND m.subject = ? ORDER BY m.pushed_at DESC LIMIT ?`,
        ...[id, digest, most],
      )
      .map((row) => ({
        ...{ digest: row.digest, mediaType: row.media_type, artifactType: row.artifact_type },
        size: row.size,
        annotations: JSON.parse(row.annotations) as Record<string, string>,
      }));
  }
}
