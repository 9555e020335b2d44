import type { AuthConfig } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { type Filters, filterText } from '../filters.ts';
import { authHeader } from '../registry-auth.ts';

export interface SearchResult {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
  readonly is_automated: boolean;
}

/** Looks for repositories by name in a registry that can be searched. */
export async function searchImages(
  daemon: Daemon,
  { auth, filters, ...query }: { term: string; limit?: number; filters?: Filters; auth?: AuthConfig },
): Promise<readonly SearchResult[]> {
  const call = {
    method: 'GET',
    path: '/images/search',
    query: { ...query, filters: filterText(filters) },
  } as const;
  return daemon.json({ ...call, ...authHeader(auth) });
}
