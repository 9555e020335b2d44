import type { Database } from '#state/database.ts';
import type { Page } from '../api/index.ts';
import type { Tag } from '../api/repositories.ts';
import type { RepositoryRecord } from '../records/index.ts';
import { isImmutableTag, tagPatternsOf } from './tag-patterns.ts';

interface TagRow {
  readonly name: string;
  readonly digest: string;
  readonly updated_at: string;
  readonly updated_by: string | null;
  readonly media_type: string;
  readonly total_size: number;
  readonly platform: string;
}

interface Listed {
  /** Only those whose names have it. */
  readonly query: string;
  readonly page: number;
  readonly size: number;
  readonly offset: number;
}

/** A repository's tags, the one that was pushed last first. */
export function listTags(
  database: Database,
  repository: RepositoryRecord,
  { query, page, size, offset }: Listed,
): Page<Tag> {
  const fits = "t.repository_id = ?1 AND (?2 = '' OR instr(lower(t.name), lower(?2)) > 0)";
  const rows = database.all<TagRow>(
    `SELECT t.name, t.digest, t.updated_at, t.updated_by, m.media_type, m.total_size, m.platform
       FROM tag t JOIN repository_manifest m ON m.repository_id = t.repository_id AND m.digest = t.digest
      WHERE ${fits} ORDER BY t.updated_at DESC, t.name LIMIT ?3 OFFSET ?4`,
    ...[repository.id, query, size, offset],
  );
  const { total } = database.get<{ total: number }>(
    `SELECT count(*) AS total FROM tag t WHERE ${fits}`,
    repository.id,
    query,
  )!;
  const patterns = tagPatternsOf(repository);
  return { items: rows.map((row) => tagOf(database, repository, { row, patterns })), total, page, size };
}

function tagOf(
  database: Database,
  { id }: RepositoryRecord,
  { row, patterns }: { readonly row: TagRow; readonly patterns: readonly string[] },
): Tag {
  const images = [row, ...imagesOf(database, id, row.digest)];
  return {
    name: row.name,
    digest: row.digest,
    mediaType: row.media_type,
    updatedAt: row.updated_at,
    ...(row.updated_by !== null && { updatedBy: row.updated_by }),
    size: Math.max(...images.map((image) => image.total_size)),
    platforms: [...new Set(images.map(({ platform }) => platform))].filter(isRealPlatform).sort(),
    isImmutable: isImmutableTag(patterns, row.name),
  };
}

/** Attestations beside images are of platform `unknown/unknown`. */
const isRealPlatform = (platform: string): boolean => platform !== '' && !platform.startsWith('unknown');

/** What an index refers to and the repository has. */
const imagesOf = (database: Database, repositoryId: number, index: string) =>
  database.all<Pick<TagRow, 'total_size' | 'platform'>>(
    `SELECT m.total_size, m.platform FROM manifest_link l
       JOIN repository_manifest m ON m.repository_id = l.repository_id AND m.digest = l.target
      WHERE l.repository_id = ? AND l.manifest = ? AND l.kind = 'manifest'`,
    repositoryId,
    index,
  );
