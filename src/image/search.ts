import { invalid } from '#base/errors.ts';
import type { RegistryClient } from '#distribution/client.ts';
import type { Credentials } from '#distribution/credentials.ts';
import type { FoundRepository } from '#distribution/search.ts';
import type { Filters } from '#events/filters.ts';

export interface SearchRequest {
  /** What to look for, with the registry's host before it where it is not the default one. */
  readonly term: string;
  /** 1 to 100; 25 when absent. */
  readonly limit?: number;
  readonly filters?: Filters;
  readonly credentials?: Credentials | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Looks for repositories in a registry.
 *
 * @throws {EngineError} `invalid` for a term, limit or filter that is none
 * @see moby, daemon/pkg/registry/search.go
 */
export async function searchImages(
  client: RegistryClient,
  { filters = {}, ...request }: SearchRequest,
): Promise<readonly FoundRepository[]> {
  const unknown = Object.keys(filters).find((key) => !['is-automated', 'is-official', 'stars'].includes(key));
  if (unknown !== undefined) throw invalid(`invalid filter '${unknown}'`);
  const isAutomated = flag(filters, 'is-automated');
  const isOfficial = flag(filters, 'is-official');
  const stars = Math.max(0, ...(filters['stars'] ?? []).map(starCount));
  if (isAutomated === true) return [];
  const found = await client.search(request);
  return found.filter(
    (each) => (isOfficial === undefined || each.is_official === isOfficial) && each.star_count >= stars,
  );
}

function flag(filters: Filters, name: string): boolean | undefined {
  const values = filters[name];
  if (values === undefined || values.length === 0) return undefined;
  const truths = new Set(values.map((value) => ['1', 'true'].includes(value)));
  if (truths.size > 1 || !values.every((value) => ['0', '1', 'true', 'false'].includes(value)))
    throw invalid(`invalid filter '${name}=[${values.join(' ')}]'`);
  return truths.has(true);
}

function starCount(text: string): number {
  if (!/^[+-]?\d+$/.test(text))
    throw invalid(
      `invalid filter 'stars=${text}': strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`,
    );
  return Number(text);
}
