import type { Role } from '../../api/accounts.ts';
import type { AccessRecords, Standing } from '../access.ts';
import type { SqliteParts } from './parts.ts';
import { type RepositoryRow, repositoryColumns, repositoryOf } from './repository-row.ts';

type StandingRow = { readonly [K in keyof RepositoryRow]: RepositoryRow[K] | null } & {
  /** 0 to 3. */
  readonly granted: number;
};

const levels = ['none', 'read', 'write', 'admin'] as const;

/**
 * 0 to 3 for the user `?1` and the repository `r`, without what visibility gives: an organisation's owners have admin, its editors
 * write. Where there is no such repository the same is looked up in vain, so that it takes as long.
 */
const grantedSql = `max(
  CASE WHEN r.owner_id = ?1 THEN 3 ELSE 0 END,
  coalesce((SELECT CASE m.role WHEN 'owner' THEN 3 WHEN 'editor' THEN 2 ELSE 0 END
              FROM member m WHERE m.organisation_id = coalesce(r.owner_id, '') AND m.user_id = ?1), 0),
  coalesce((SELECT max(CASE g.level WHEN 'admin' THEN 3 WHEN 'write' THEN 2 ELSE 1 END)
              FROM team_grant g JOIN team_member t ON t.team_id = g.team_id
             WHERE g.repository_id = coalesce(r.id, 0) AND t.user_id = ?1), 0),
  coalesce((SELECT CASE g.level WHEN 'admin' THEN 3 WHEN 'write' THEN 2 ELSE 1 END
              FROM user_grant g WHERE g.repository_id = coalesce(r.id, 0) AND g.user_id = ?1), 0))`;

const standingSql = `SELECT ${repositoryColumns}, ${grantedSql} AS granted
  FROM (SELECT ?2 AS asked) LEFT JOIN repository r ON r.full_name = asked`;

export class SqliteAccess implements AccessRecords {
  readonly #database: SqliteParts['database'];

  constructor({ database }: SqliteParts) {
    this.#database = database;
  }

  async standing(userId: string | undefined, fullName: string): Promise<Standing | undefined> {
    const row = this.#database.get<StandingRow>(standingSql, userId ?? '', fullName)!;
    if (row.id === null) return undefined;
    return { repository: repositoryOf(row as RepositoryRow), granted: levels[row.granted]! };
  }

  async role(organisationId: string, userId: string): Promise<Role | undefined> {
    return this.#database.get<{ role: Role }>(
      'SELECT role FROM member WHERE organisation_id = ? AND user_id = ?',
      organisationId,
      userId,
    )?.role;
  }
}
