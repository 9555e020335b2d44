import type { IncomingMessage } from 'node:http';
import { EngineError, kindOf, messageOf } from '#base/errors.ts';
import type { Actor } from '../access/actor.ts';
import { type Area, type Call, json, type Reply } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { searchRepositories } from './search.ts';

const mostShown = 100;

/** As engines read it. @see Docker registry v1 API, § Search */
interface SearchResults {
  readonly query: string;
  readonly num_results: number;
  readonly num_pages: number;
  readonly page: number;
  readonly page_size: number;
  readonly results: readonly {
    readonly name: string;
    readonly description: string;
    readonly star_count: number;
    readonly pull_count: number;
    readonly is_official: boolean;
    readonly is_automated: boolean;
  }[];
}

export interface SearchAreaOptions {
  readonly authenticate: (request: IncomingMessage, address: string) => Actor | Promise<Actor>;
  /** The value of `WWW-Authenticate` for credentials that are wrong. */
  readonly challenge?: (request: IncomingMessage) => string;
}

/** `GET /v1/search` and `/v1/_ping`: what `docker search` asks an engine, and an engine a registry. */
export function searchArea(rooms: Pick<HubRooms, 'records'>, options: SearchAreaOptions): Area {
  return {
    prefixes: ['/v1/'],
    routes: {
      'GET /v1/search': async (call) => json(await search(rooms, call)),
      // an engine takes a registry for one of version 1 by this
      'GET /v1/_ping': () => json({ standalone: false }),
    },
    authenticate: options.authenticate,
    missing: () => json({ message: 'there is no such thing' }, 404),
    failed: (error, request) => failed(error, request, options),
  };
}

async function search(rooms: Pick<HubRooms, 'records'>, call: Call): Promise<SearchResults> {
  const query = call.query.get('q') ?? '';
  const size = call.count('n', 25, mostShown);
  const page = call.count('page', 1, 1_000_000);
  const { items, total } = await searchRepositories(rooms, call.actor, {
    ...{ text: query, page, size, offset: (page - 1) * size },
  });
  return {
    query,
    num_results: total,
    num_pages: Math.ceil(total / size),
    page,
    page_size: size,
    results: items.map(({ name, description, stars, pulls }) => ({
      ...{ name, description, star_count: stars, pull_count: pulls },
      ...{ is_official: false, is_automated: false },
    })),
  };
}

function failed(
  error: unknown,
  request: IncomingMessage,
  { challenge }: SearchAreaOptions,
): Reply | undefined {
  const body = { message: messageOf(error) };
  if (error instanceof EngineError && kindOf(error) === 'invalid') return json(body, 400);
  if (error instanceof EngineError && kindOf(error) === 'unauthorized')
    return json(body, 401, challenge === undefined ? {} : { 'WWW-Authenticate': challenge(request) });
  if (error instanceof Error && 'retryAfterSeconds' in error)
    return json(body, 429, { 'Retry-After': `${error.retryAfterSeconds}` });
  return undefined;
}
