import type { Granted } from '../access/access.ts';
import type { Actor } from '../access/actor.ts';
import type { Page } from '../api/index.ts';
import type { PullDay, Repository, RepositorySummary } from '../api/repositories.ts';
import { type RepositoryRecord, type RepositorySort, viewerOf } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { renderOverview } from './overview.ts';

/** Counting stops here, and so do pages: no one turns so many. */
const mostCounted = 10_000;

/** All about one that was found. */
export async function repositoryDetail(
  { records }: Pick<HubRooms, 'records'>,
  actor: Actor,
  { repository, level }: Granted,
): Promise<Repository> {
  const found = await records.repositories.describe(
    repository,
    actor.kind === 'person' ? actor.id : undefined,
  );
  return {
    ...found,
    overviewHtml: renderOverview(found.overview),
    immutableTags: repository.immutableTags,
    level,
  };
}

export interface Listed {
  /** Only this account's. */
  readonly owner?: string | undefined;
  /** Only what the one who asks has starred. */
  readonly isStarred: boolean;
  readonly sort: RepositorySort;
  readonly page: number;
  readonly size: number;
  readonly offset: number;
}

/** Those that the one who asks may see. `total` is at most 10,000. */
export async function listRepositories(
  { records }: Pick<HubRooms, 'records'>,
  actor: Actor,
  { page, isStarred, ...query }: Listed,
): Promise<Page<RepositorySummary>> {
  const { size } = query;
  // strangers star nothing
  if (isStarred && actor.kind === 'stranger') return { items: [], total: 0, page, size };
  const { items, total } = await records.repositories.list(viewerOf(actor), {
    ...query,
    most: mostCounted,
    ...(isStarred && actor.kind === 'person' && { starredBy: actor.id }),
  });
  return { items, total, page, size };
}

/** The last 30 days, oldest first, today's included; days without pulls are 0. */
export async function pullDays(
  { records, now }: Pick<HubRooms, 'records' | 'now'>,
  { id }: RepositoryRecord,
): Promise<readonly PullDay[]> {
  const today = now().getTime();
  const days = Array.from({ length: 30 }, (_, back) =>
    new Date(today - (29 - back) * 86_400_000).toISOString().slice(0, 10),
  );
  const found = await records.pulls.byDay(id, days[0]!);
  const pulls = new Map(found.map((row) => [row.day, row.pulls]));
  return days.map((day) => ({ day, pulls: pulls.get(day) ?? 0 }));
}
