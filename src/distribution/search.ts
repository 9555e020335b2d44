import { EngineError, invalid } from '#base/errors.ts';
import { unexpected } from './registry-error.ts';
import type { Session } from './session.ts';
import { readBody } from './transport.ts';

/** A repository as a registry that can be searched tells it. @see Docker Registry API v1, `GET /v1/search` */
export interface FoundRepository {
  readonly name: string;
  readonly description: string;
  readonly star_count: number;
  readonly is_official: boolean;
  readonly is_automated: boolean;
}

export const defaultSearchLimit = 25;
const mostResults = 100;
const maxAnswerBytes = 4 << 20;

/**
 * Where to look for a term, and for what there: `hub.example.com:5000/web` is `web` at that host.
 *
 * @throws {EngineError} `invalid`
 * @see moby, daemon/pkg/registry/search.go
 */
export function searchTarget(term: string): { readonly domain: string; readonly term: string } {
  if (/^https?:\/\//.test(term))
    throw invalid(`invalid repository name: repository name (${term}) should not have a scheme`);
  const slash = term.indexOf('/');
  const first = term.slice(0, Math.max(slash, 0));
  const isHost = /[.:]/.test(first) || first === 'localhost';
  if (isHost && !['docker.io', 'index.docker.io'].includes(first))
    return { domain: first, term: term.slice(slash + 1) };
  const rest = isHost ? term.slice(slash + 1) : term;
  return { domain: 'docker.io', term: rest.replace(/^library\//, '') };
}

/** @throws {EngineError} for a limit that is none; for what is no list of results */
export async function searchRepositories(
  session: Session,
  {
    term,
    limit,
    signal,
  }: { readonly term: string; readonly limit: number; readonly signal?: AbortSignal | undefined },
): Promise<readonly FoundRepository[]> {
  if (limit < 1 || limit > mostResults)
    throw invalid(`limit ${limit} is outside the range of [1, ${mostResults}]`);
  const query = new URLSearchParams({ q: term, n: String(limit) });
  const response = await session.send({
    method: 'GET',
    url: `/v1/search?${query}`,
    headers: { accept: 'application/json' },
    scopes: ['registry:catalog:search'],
    accept: [200, 400, 401, 403, 404, 429, 500, 502, 503],
    signal,
  });
  const body = await readBody(response, maxAnswerBytes);
  if (response.status !== 200) throw new EngineError('internal', `Unexpected status code ${response.status}`);
  return resultsOf(body).slice(0, limit);
}

function resultsOf(body: Buffer): FoundRepository[] {
  let answer: unknown;
  try {
    answer = JSON.parse(body.toString());
  } catch {
    throw unexpected('its search results are no JSON');
  }
  const { results } = (answer ?? {}) as { results?: unknown };
  if (!Array.isArray(results)) throw unexpected('its search results are no list');
  return results.filter((each) => typeof each === 'object' && each !== null).map(resultOf);
}

function resultOf(found: Readonly<Record<string, unknown>>): FoundRepository {
  const { name, description, star_count: stars, is_official: isOfficial } = found;
  return {
    name: typeof name === 'string' ? name : '',
    description: typeof description === 'string' ? description : '',
    star_count: typeof stars === 'number' && Number.isSafeInteger(stars) ? stars : 0,
    is_official: isOfficial === true,
    // nothing is built automatically any more, and what registries say of it misleads
    is_automated: false,
  };
}
