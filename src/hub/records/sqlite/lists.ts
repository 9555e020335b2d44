import type { After, Listed, ListRecords, ReferrerRecord } from '../lists.ts';
import type { RepositoryKey } from '../repositories.ts';
import type { Viewer } from '../viewer.ts';
import type { SqliteParts } from './parts.ts';
import { visibleTo } from './visible.ts';

interface ReferrerRow {
  readonly digest: string;
  readonly media_type: string;
  readonly artifact_type: string;
  readonly annotations: string;
  readonly size: number;
}

export class SqliteLists implements ListRecords {
  readonly #database: SqliteParts['database'];

  constructor({ database }: SqliteParts) {
    this.#database = database;
  }

  async tags({ id }: RepositoryKey, { after, size }: After): Promise<Listed<string>> {
    const rows = this.#database.all<{ name: string }>(
      'SELECT name FROM tag WHERE repository_id = ? AND name > ? ORDER BY name LIMIT ?',
      ...[id, after, size + 1],
    );
    return namesOf(rows, size);
  }

  async repositories(viewer: Viewer, { after, size }: After): Promise<Listed<string>> {
    const visible = visibleTo(viewer, 3);
    const rows = this.#database.all<{ name: string }>(
      `SELECT r.full_name AS name FROM repository r WHERE r.full_name > ?1 AND ${visible.sql} ORDER BY r.full_name LIMIT ?2`,
      ...[after, size + 1, ...visible.values],
    );
    return namesOf(rows, size);
  }

  /** Annotations can be long: of how many there are is known before any is read. */
  async referrers(
    { id }: RepositoryKey,
    { subject, artifactType, after, size, mostBytes }: Parameters<ListRecords['referrers']>[1],
  ): Promise<Listed<ReferrerRecord>> {
    const found = this.#database.all<{ digest: string; length: number }>(
      `SELECT digest, length(annotations) AS length FROM repository_manifest
        WHERE repository_id = ?1 AND subject = ?2 AND digest > ?3 AND (?4 = '' OR artifact_type = ?4)
        ORDER BY digest LIMIT ?5`,
      ...[id, subject, after, artifactType, size + 1],
    );
    const page = found.slice(0, fitting(found.slice(0, size), mostBytes));
    return {
      // another process may have let go of one just now
      items: page.flatMap(({ digest }) => this.#referrer(id, digest) ?? []),
      hasMore: found.length > page.length,
    };
  }

  #referrer(id: number, digest: string): ReferrerRecord | undefined {
    const row = this.#database.get<ReferrerRow>(
      `SELECT m.digest, m.media_type, m.artifact_type, m.annotations, c.size
         FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
        WHERE m.repository_id = ? AND m.digest = ?`,
      ...[id, digest],
    );
    if (row === undefined) return undefined;
    return {
      ...{ mediaType: row.media_type, digest, size: row.size },
      ...(row.artifact_type !== '' && { artifactType: row.artifact_type }),
      ...(row.annotations !== '{}' && { annotations: JSON.parse(row.annotations) as Record<string, string> }),
    };
  }
}

const namesOf = (rows: readonly { readonly name: string }[], size: number): Listed<string> => ({
  items: rows.slice(0, size).map(({ name }) => name),
  hasMore: rows.length > size,
});

/** How many of them go in one page: at least one. */
function fitting(rows: readonly { readonly length: number }[], mostBytes: number): number {
  let bytes = 0;
  const over = rows.findIndex(({ length }) => {
    bytes += length;
    return bytes > mostBytes;
  });
  return over < 0 ? rows.length : Math.max(1, over);
}
