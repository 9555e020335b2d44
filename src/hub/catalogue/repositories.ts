import type { Database, Value } from '#state/database.ts';
import type { Granted } from '../access/access.ts';
import type { Actor } from '../access/actor.ts';
import type { Page } from '../api/index.ts';
import type { PullDay, Repository, RepositorySummary } from '../api/repositories.ts';
import { viewerOf } from '../records/index.ts';
import { visibleTo } from '../records/sqlite/visible.ts';
import { renderOverview } from './overview.ts';
import { tagPatternsOf } from './tag-patterns.ts';

/** Counting stops here, and so do pages: no one turns so many. */
const mostCounted = 10_000;

export interface SummaryRow {
  readonly full_name: string;
  readonly visibility: RepositorySummary['visibility'];
  readonly description: string;
  readonly stars: number;
  readonly pulls: number;
  readonly updated_at: string;
}

export const summaryColumns =
  'r.full_name, r.visibility, r.description, r.stars, r.pulls, r.updated_at' as const;

export const summaryOf = (row: SummaryRow): RepositorySummary => ({
  name: row.full_name,
  visibility: row.visibility,
  description: row.description,
  stars: row.stars,
  pulls: row.pulls,
  updatedAt: row.updated_at,
});

interface DetailRow extends SummaryRow {
  readonly created_at: string;
  readonly pulled_at: string | null;
  readonly overview: string;
  readonly is_starred: number;
  readonly tags: number;
  readonly bytes: number;
}

/** All about one that was found. */
export function repositoryDetail(
  database: Database,
  actor: Actor,
  { repository, level }: Granted,
): Repository {
  const row = database.get<DetailRow>(
    `SELECT ${summaryColumns}, r.created_at, r.pulled_at, r.overview,
            EXISTS (SELECT 1 FROM star s WHERE s.repository_id = r.id AND s.user_id = ?2) AS is_starred,
            (SELECT count(*) FROM tag t WHERE t.repository_id = r.id) AS tags,
            (SELECT coalesce(sum(b.size), 0) FROM repository_blob l JOIN blob b ON b.digest = l.digest
              WHERE l.repository_id = r.id)
            + (SELECT coalesce(sum(c.size), 0) FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
                WHERE m.repository_id = r.id) AS bytes
       FROM repository r WHERE r.id = ?1`,
    repository.id,
    actor.kind === 'person' ? actor.id : '',
  )!;
  return {
    ...summaryOf(row),
    createdAt: row.created_at,
    ...(row.pulled_at !== null && { pulledAt: row.pulled_at }),
    overview: row.overview,
    overviewHtml: renderOverview(row.overview),
    immutableTags: tagPatternsOf(repository),
    isStarred: row.is_starred === 1,
    level,
    tags: row.tags,
    bytes: row.bytes,
  };
}

export type Sort = 'name' | 'updated' | 'pulls';

const orders: Readonly<Record<Sort, string>> = {
  name: 'r.full_name',
  updated: 'r.updated_at DESC, r.id DESC',
  pulls: 'r.pulls DESC, r.id DESC',
};

export interface Listed {
  /** Only this account's. */
  readonly owner?: string | undefined;
  /** Only what the one who asks has starred. */
  readonly isStarred: boolean;
  readonly sort: Sort;
  readonly page: number;
  readonly size: number;
  readonly offset: number;
}

/** Those that the one who asks may see. `total` is at most 10,000. */
export function listRepositories(database: Database, actor: Actor, listed: Listed): Page<RepositorySummary> {
  const { page, size, offset, sort } = listed;
  const { parts, values } = selection(actor, listed);
  const [most, skipped, counted] = [values.length + 1, values.length + 2, values.length + 1];
  // each part by its own index, and no further than the page reaches
  const rows = database.all<SummaryRow>(
    `SELECT ${summaryColumns} FROM (${parts
      .map(
        (part) =>
          `SELECT * FROM (SELECT r.id, ${summaryColumns} ${part} ORDER BY ${orders[sort]} LIMIT ?${most} + ?${skipped})`,
      )
      .join(' UNION ALL ')}) r ORDER BY ${orders[sort]} LIMIT ?${most} OFFSET ?${skipped}`,
    ...values,
    Math.max(0, Math.min(size, mostCounted - offset)),
    Math.min(offset, mostCounted),
  );
  const counts = parts.map((part) => `(SELECT count(*) FROM (SELECT 1 ${part} LIMIT ?${counted}))`);
  const { total } = database.get<{ total: number }>(
    `SELECT ${counts.join(' + ')} AS total`,
    ...values,
    mostCounted,
  )!;
  return { items: rows.map(summaryOf), total: Math.min(total, mostCounted), page, size };
}

interface Selection {
  /** `FROM repository r WHERE …`, of which none has what another has. */
  readonly parts: readonly string[];
  readonly values: readonly Value[];
}

function selection(actor: Actor, { owner, isStarred }: Listed): Selection {
  if (owner === undefined && !isStarred) return everything(actor);
  const values: Value[] = [];
  const next = (value: Value): string => `?${values.push(value)}`;
  const conditions = [
    ...(owner === undefined ? [] : [`r.owner_id = (SELECT id FROM account WHERE name = ${next(owner)})`]),
    ...(isStarred
      ? [
          `r.id IN (SELECT repository_id FROM star WHERE user_id = ${next(actor.kind === 'person' ? actor.id : '')})`,
        ]
      : []),
  ];
  const visible = visibleTo(viewerOf(actor), values.length + 1);
  values.push(...visible.values);
  // without the plus, what is public would be looked through for it
  const sql = visible.sql.replaceAll('r.visibility', '+r.visibility');
  return { parts: [`FROM repository r WHERE ${[...conditions, sql].join(' AND ')}`], values };
}

/** What is public, and what a person may see of the rest: by who it is of or granted to, for that is little of much. */
function everything(actor: Actor): Selection {
  const open = "FROM repository r WHERE r.visibility = 'public'";
  const rest = "FROM repository r WHERE r.visibility = 'private'";
  if (actor.kind === 'stranger') return { parts: [open], values: [] };
  if (actor.isAdmin) return { parts: [open, rest], values: [] };
  const own = `FROM repository r WHERE +r.visibility = 'private' AND r.id IN (
    SELECT id FROM repository WHERE owner_id = ?1
    UNION SELECT id FROM repository WHERE owner_id IN (
      SELECT organisation_id FROM member WHERE user_id = ?1 AND role IN ('owner', 'editor'))
    UNION SELECT g.repository_id FROM team_grant g JOIN team_member t ON t.team_id = g.team_id WHERE t.user_id = ?1
    UNION SELECT repository_id FROM user_grant WHERE user_id = ?1)`;
  return { parts: [open, own], values: [actor.id] };
}

/** The last 30 days, oldest first, today's included; days without pulls are 0. */
export function pullDays(database: Database, repositoryId: number, now: Date): readonly PullDay[] {
  const days = Array.from({ length: 30 }, (_, back) =>
    new Date(now.getTime() - (29 - back) * 86_400_000).toISOString().slice(0, 10),
  );
  const rows = database.all<PullDay>(
    'SELECT day, pulls FROM pull_day WHERE repository_id = ? AND day >= ?',
    repositoryId,
    days[0]!,
  );
  const pulls = new Map(rows.map((row) => [row.day, row.pulls]));
  return days.map((day) => ({ day, pulls: pulls.get(day) ?? 0 }));
}
