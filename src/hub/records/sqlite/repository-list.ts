import type { Database, Value } from '#state/database.ts';
import type { RepositorySummary } from '../../api/repositories.ts';
import type { RepositoryQuery, RepositorySort } from '../repositories.ts';
import type { Viewer } from '../viewer.ts';
import { type SummaryRow, summaryColumns, summaryOf } from './repository-row.ts';
import { visibleTo } from './visible.ts';

const orders: Readonly<Record<RepositorySort, string>> = {
  name: 'r.full_name',
  updated: 'r.updated_at DESC, r.id DESC',
  pulls: 'r.pulls DESC, r.id DESC',
};

/** A page of what a viewer may see, and how many there are. */
export function repositoryList(
  database: Database,
  viewer: Viewer,
  query: RepositoryQuery,
): { readonly items: readonly RepositorySummary[]; readonly total: number } {
  const { size, offset, sort, most: counted } = query;
  const { parts, values } = selection(viewer, query);
  const [most, skipped] = [values.length + 1, values.length + 2];
  // each part by its own index, and no further than the page reaches
  const rows = database.all<SummaryRow>(
    `SELECT ${summaryColumns} FROM (${parts
      .map(
        (part) =>
          `SELECT * FROM (SELECT r.id, ${summaryColumns} ${part} ORDER BY ${orders[sort]} LIMIT ?${most} + ?${skipped})`,
      )
      .join(' UNION ALL ')}) r ORDER BY ${orders[sort]} LIMIT ?${most} OFFSET ?${skipped}`,
    ...values,
    Math.max(0, Math.min(size, counted - offset)),
    Math.min(offset, counted),
  );
  const counts = parts.map((part) => `(SELECT count(*) FROM (SELECT 1 ${part} LIMIT ?${most}))`);
  const sql = `SELECT ${counts.join(' + ')} AS total`;
  const { total } = database.get<{ total: number }>(sql, ...values, counted)!;
  return { items: rows.map(summaryOf), total: Math.min(total, counted) };
}

interface Selection {
  /** `FROM repository r WHERE …`, of which none has what another has. */
  readonly parts: readonly string[];
  readonly values: readonly Value[];
}

function selection(viewer: Viewer, { owner, starredBy }: RepositoryQuery): Selection {
  if (owner === undefined && starredBy === undefined) return everything(viewer);
  const values: Value[] = [];
  const next = (value: Value): string => `?${values.push(value)}`;
  const conditions: string[] = [];
  if (owner !== undefined)
    conditions.push(`r.owner_id = (SELECT id FROM account WHERE name = ${next(owner)})`);
  if (starredBy !== undefined)
    conditions.push(`r.id IN (SELECT repository_id FROM star WHERE user_id = ${next(starredBy)})`);
  const visible = visibleTo(viewer, values.length + 1);
  values.push(...visible.values);
  // without the plus, what is public would be looked through for it
  const sql = visible.sql.replaceAll('r.visibility', '+r.visibility');
  return { parts: [`FROM repository r WHERE ${[...conditions, sql].join(' AND ')}`], values };
}

/** What is public, and what a person may see of the rest: by who it is of or granted to, for that is little of much. */
function everything(viewer: Viewer): Selection {
  const open = "FROM repository r WHERE r.visibility = 'public'";
  const rest = "FROM repository r WHERE r.visibility = 'private'";
  if (viewer.kind === 'stranger') return { parts: [open], values: [] };
  if (viewer.kind === 'administrator') return { parts: [open, rest], values: [] };
  const own = `FROM repository r WHERE +r.visibility = 'private' AND r.id IN (
    SELECT id FROM repository WHERE owner_id = ?1
    UNION SELECT id FROM repository WHERE owner_id IN (
      SELECT organisation_id FROM member WHERE user_id = ?1 AND role IN ('owner', 'editor'))
    UNION SELECT g.repository_id FROM team_grant g JOIN team_member t ON t.team_id = g.team_id WHERE t.user_id = ?1
    UNION SELECT repository_id FROM user_grant WHERE user_id = ?1)`;
  return { parts: [open, own], values: [viewer.id] };
}
