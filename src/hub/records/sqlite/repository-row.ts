import { notFound } from '#base/errors.ts';
import type { Database } from '#state/database.ts';
import type { Visibility } from '../../api/accounts.ts';
import type { RepositorySummary } from '../../api/repositories.ts';
import type { RepositoryKey, RepositoryRecord } from '../repositories.ts';
import type { SqliteParts } from './parts.ts';

/** A repository's columns, as `repositoryColumns` selects them. */
export interface RepositoryRow {
  readonly id: number;
  readonly owner_id: string;
  readonly full_name: string;
  readonly visibility: Visibility;
  readonly immutable_tags: string;
}

/** Of a table named `r`. */
export const repositoryColumns = 'r.id, r.owner_id, r.full_name, r.visibility, r.immutable_tags';

export const repositoryOf = (row: RepositoryRow): RepositoryRecord => ({
  id: row.id,
  ownerId: row.owner_id,
  fullName: row.full_name,
  visibility: row.visibility,
  immutableTags: row.immutable_tags === '[]' ? [] : (JSON.parse(row.immutable_tags) as string[]),
});

/** As it is at that moment of a transaction. @throws {EngineError} `notFound` */
export function repositoryNow(database: Database, { id, fullName }: RepositoryKey): RepositoryRecord {
  const sql = `SELECT ${repositoryColumns} FROM repository r WHERE r.id = ?`;
  const row = database.get<RepositoryRow>(sql, id);
  if (row === undefined) throw notFound('repository', fullName);
  return repositoryOf(row);
}

/** Something in it is another than before. */
export function touchRepository(
  { database, now }: Pick<SqliteParts, 'database' | 'now'>,
  { id }: RepositoryKey,
): void {
  database.run('UPDATE repository SET updated_at = ? WHERE id = ?', now().toISOString(), id);
}

/** What lists show, as `summaryColumns` selects it. */
export interface SummaryRow {
  readonly full_name: string;
  readonly visibility: Visibility;
  readonly description: string;
  readonly stars: number;
  readonly pulls: number;
  readonly updated_at: string;
}

/** Of a table named `r`. */
export const summaryColumns = 'r.full_name, r.visibility, r.description, r.stars, r.pulls, r.updated_at';

export const summaryOf = (row: SummaryRow): RepositorySummary => ({
  name: row.full_name,
  visibility: row.visibility,
  description: row.description,
  stars: row.stars,
  pulls: row.pulls,
  updatedAt: row.updated_at,
});
