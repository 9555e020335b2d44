import type { Audited } from '../audit.ts';
import { isImmutableTag } from '../immutable-tags.ts';
import type { Removal } from '../removal.ts';
import type { RepositoryKey } from '../repositories.ts';
import type { TagRecord, TagRecords } from '../tags.ts';
import type { SqliteParts } from './parts.ts';
import { repositoryNow, touchRepository } from './repository-row.ts';

interface TagRow {
  readonly name: string;
  readonly digest: string;
  readonly updated_at: string;
  readonly updated_by: string | null;
  readonly media_type: string;
  readonly total_size: number;
  readonly platform: string;
}

export class SqliteTags implements TagRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async list(
    { id }: RepositoryKey,
    { text, offset, size }: { readonly text: string; readonly offset: number; readonly size: number },
  ): Promise<{ readonly items: readonly TagRecord[]; readonly total: number }> {
    const { database } = this.#parts;
    const fits = "t.repository_id = ?1 AND (?2 = '' OR instr(lower(t.name), lower(?2)) > 0)";
    const rows = database.all<TagRow>(
      `SELECT t.name, t.digest, t.updated_at, t.updated_by, m.media_type, m.total_size, m.platform
         FROM tag t JOIN repository_manifest m ON m.repository_id = t.repository_id AND m.digest = t.digest
        WHERE ${fits} ORDER BY t.updated_at DESC, t.name LIMIT ?3 OFFSET ?4`,
      ...[id, text, size, offset],
    );
    const sql = `SELECT count(*) AS total FROM tag t WHERE ${fits}`;
    const { total } = database.get<{ total: number }>(sql, id, text)!;
    return { items: rows.map((row) => this.#tag(id, row)), total };
  }

  async remove(key: RepositoryKey, name: string, audited: Audited<string>): Promise<Removal> {
    const { database, audit } = this.#parts;
    return database.transaction(() => {
      const { immutableTags } = repositoryNow(database, key);
      if (isImmutableTag(immutableTags, name)) return { kind: 'kept', immutableTag: name };
      const sql = 'DELETE FROM tag WHERE repository_id = ? AND name = ? RETURNING digest';
      const row = database.get<{ digest: string }>(sql, key.id, name);
      if (row === undefined) return { kind: 'missing' };
      touchRepository(this.#parts, key);
      audit.write(audited, row.digest);
      return { kind: 'removed' };
    });
  }

  #tag(repositoryId: number, row: TagRow): TagRecord {
    const images = [row, ...this.#images(repositoryId, row.digest)];
    return {
      ...{ name: row.name, digest: row.digest, mediaType: row.media_type, updatedAt: row.updated_at },
      ...(row.updated_by !== null && { updatedBy: row.updated_by }),
      size: Math.max(...images.map((image) => image.total_size)),
      platforms: [...new Set(images.map(({ platform }) => platform))].filter(isRealPlatform).sort(),
    };
  }

  /** What an index refers to and the repository has. */
  #images(repositoryId: number, index: string) {
    return this.#parts.database.all<Pick<TagRow, 'total_size' | 'platform'>>(
      `SELECT m.total_size, m.platform FROM manifest_link l
         JOIN repository_manifest m ON m.repository_id = l.repository_id AND m.digest = l.target
        WHERE l.repository_id = ? AND l.manifest = ? AND l.kind = 'manifest'`,
      ...[repositoryId, index],
    );
  }
}

/** Attestations beside images are of platform `unknown/unknown`. */
const isRealPlatform = (platform: string): boolean => platform !== '' && !platform.startsWith('unknown');
