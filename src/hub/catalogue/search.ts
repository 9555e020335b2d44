import type { Actor } from '../access/actor.ts';
import type { Page } from '../api/index.ts';
import type { RepositorySummary } from '../api/repositories.ts';
import { viewerOf } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { ranker } from './ranking.ts';
import { searched } from './search-words.ts';

/** So many are ranked and can be paged through; where more fit, these are the best by name, and the most popular. */
const mostFound = 100;

/** Repositories that fit what someone typed and that they may read, best first. `total` is at most 100. */
export async function searchRepositories(
  { records }: Pick<HubRooms, 'records'>,
  actor: Actor,
  {
    text,
    page,
    size,
    offset,
  }: { readonly text: string; readonly page: number; readonly size: number; readonly offset: number },
): Promise<Page<RepositorySummary>> {
  const wanted = searched(text);
  if (wanted.words.length === 0) return { items: [], total: 0, page, size };
  const rankOf = ranker(wanted);
  const found = (await records.search.find(viewerOf(searchingAs(actor)), wanted, mostFound))
    .map((one) => ({ one, rank: rankOf(one) }))
    .sort((a, b) => b.rank - a.rank || (a.one.name < b.one.name ? -1 : 1))
    .slice(0, mostFound);
  const items = found.slice(offset, offset + size).map(({ one }) => one);
  return { items, total: found.length, page, size };
}

/** A token for some repositories is none to look around with; one for the catalogue is. */
const searchingAs = (actor: Actor): Actor =>
  actor.scopes === undefined || actor.scopes.has('') ? actor : { kind: 'stranger', address: actor.address };
