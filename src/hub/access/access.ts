import type { Database, Value } from '#state/database.ts';
import type { Level, Visibility } from '../api/accounts.ts';
import { type Actor, lower } from './actor.ts';

/** What decisions and routes need of a repository. */
export interface RepositoryRow {
  readonly id: number;
  readonly owner_id: string;
  readonly full_name: string;
  readonly visibility: Visibility;
  readonly immutable_tags: string;
}

type LevelRow = { readonly [K in keyof RepositoryRow]: RepositoryRow[K] | null } & {
  /** 0 to 3. */
  readonly granted: number;
};

/** A repository and what the one who asks may do with it. */
export interface Granted {
  readonly repository: RepositoryRow;
  readonly level: Level;
}

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

/**
 * Who may do what: the one place where it is decided. A repository that one may not read does not exist for one: every edge
 * asks here, and says the same of what is not there and of what is not to be seen.
 */
export class Access {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** @returns undefined when there is none by that name, or none that the actor may read */
  find(actor: Actor, fullName: string): Granted | undefined {
    const { granted, ...row } = this.#database.get<LevelRow>(
      `SELECT r.id, r.owner_id, r.full_name, r.visibility, r.immutable_tags, ${grantedSql} AS granted
         FROM (SELECT ?2 AS asked) LEFT JOIN repository r ON r.full_name = asked`,
      actor.kind === 'person' ? actor.id : '',
      fullName,
    )!;
    const repository = row as RepositoryRow;
    const level = this.#level(actor, repository, granted);
    return row.id === null || level === 'none' ? undefined : { repository, level };
  }

  /** What the actor may do in an account: make repositories there, see its usage, change it. */
  inAccount(actor: Actor, accountId: string): Level | 'none' {
    if (actor.kind === 'stranger') return 'none';
    if (actor.isAdmin || actor.id === accountId) return actor.ceiling;
    const role = this.#database.get<{ role: string }>(
      'SELECT role FROM member WHERE organisation_id = ? AND user_id = ?',
      accountId,
      actor.id,
    )?.role;
    if (role === undefined) return 'none';
    return lower(role === 'owner' ? 'admin' : role === 'editor' ? 'write' : 'read', actor.ceiling);
  }

  #level(actor: Actor, repository: RepositoryRow, granted: number): Level | 'none' {
    const level = this.#levelByGrants(actor, repository, granted);
    return actor.scopes === undefined
      ? level
      : lower(level, actor.scopes.get(repository.full_name) ?? 'none');
  }

  #levelByGrants(actor: Actor, repository: RepositoryRow, granted: number): Level | 'none' {
    const open = repository.visibility === 'public' ? 'read' : 'none';
    if (actor.kind === 'stranger') return open;
    const own = actor.isAdmin ? 'admin' : levels[granted]!;
    return own === 'none' ? open : lower(own, actor.ceiling);
  }
}

/**
 * The condition under which a repository `r` may be seen, for lists and search.
 *
 * @param from the number of its first parameter in the statement
 */
export function visibleTo(
  actor: Actor,
  from: number,
): { readonly sql: string; readonly values: readonly Value[] } {
  if (actor.kind === 'stranger') return { sql: "r.visibility = 'public'", values: [] };
  if (actor.isAdmin) return { sql: '1', values: [] };
  const user = `?${from}`;
  const sql = `(r.visibility = 'public' OR r.owner_id = ${user}
    OR r.owner_id IN (SELECT organisation_id FROM member WHERE user_id = ${user} AND role IN ('owner', 'editor'))
    OR r.id IN (SELECT g.repository_id FROM team_grant g JOIN team_member t ON t.team_id = g.team_id WHERE t.user_id = ${user})
    OR r.id IN (SELECT repository_id FROM user_grant WHERE user_id = ${user}))`;
  return { sql, values: [actor.id] };
}
