import type { Visibility } from '../../api/accounts.ts';
import type { RepositoryRecord } from '../repositories.ts';

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
