import { mediaTypes } from '#oci/media-types.ts';
import type { Routes } from '../http/area.ts';
import type { Call } from '../http/call.ts';
import type { Headers, Reply } from '../http/reply.ts';
import { type After, type Listed, viewerOf } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { RegistryError } from './errors.ts';
import { type Gate, unauthorised } from './gate.ts';
import { checkedDigest } from './names.ts';
import { jsonAnswer } from './replies.ts';

/** Names in one reply, at most; the rest by `Link`. */
const longestPage = 10_000;
const referrersPage = 200;
/** Annotations are as long as those who push write them; a reply is to stay below 4 MiB. */
const referrersBytes = 2 << 20;

/** @see OCI distribution-spec, § Listing tags, § Listing referrers; docker-registry's catalogue */
export function listRoutes(rooms: HubRooms, { gate }: { readonly gate: Gate }): Routes {
  return {
    'GET /v2/{name*}/tags/list': (call) => tags(rooms, gate, call),
    'GET /v2/{name*}/referrers/{digest}': (call) => referrers(rooms, gate, call),
    'GET /v2/_catalog': (call) => catalogue(rooms, call),
  };
}

async function tags({ records }: HubRooms, gate: Gate, call: Call): Promise<Reply> {
  const { repository } = await gate.granted(call, 'read');
  const { names, headers } = await listed(call, (page) => records.lists.tags(repository, page));
  return jsonAnswer({ name: repository.fullName, tags: names }, headers);
}

/** Those that the one who asks may see. Strangers need a token too: clients show who they are once they are asked, not before. */
async function catalogue({ records }: HubRooms, call: Call): Promise<Reply> {
  const { actor } = call;
  if (actor.scopes === undefined ? actor.kind === 'stranger' : !actor.scopes.has('')) throw unauthorised();
  const { names, headers } = await listed(call, (page) => records.lists.repositories(viewerOf(actor), page));
  return jsonAnswer({ repositories: names }, headers);
}

async function listed(
  call: Call,
  list: (page: After) => Promise<Listed<string>>,
): Promise<{ readonly names: readonly string[]; readonly headers: Headers }> {
  const { n, last } = pageOf(call);
  if (n === 0) return { names: [], headers: {} };
  const { items, hasMore } = await list({ after: last, size: n });
  return { names: items, headers: hasMore ? next(call, { n, last: items.at(-1)! }) : {} };
}

async function referrers({ records }: HubRooms, gate: Gate, call: Call): Promise<Reply> {
  const { repository } = await gate.granted(call, 'read');
  const subject = checkedDigest(call.param('digest'));
  const artifactType = call.query.get('artifactType') ?? '';
  const { n, last } = pageOf(call);
  const size = Math.min(n, referrersPage);
  const { items, hasMore } =
    n === 0
      ? { items: [], hasMore: false }
      : await records.lists.referrers(repository, {
          ...{ subject, artifactType, after: last, size, mostBytes: referrersBytes },
        });
  return jsonAnswer(
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: items },
    {
      'Content-Type': mediaTypes.ociIndex,
      ...(artifactType === '' ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
      ...(hasMore ? next(call, { n: size, last: items.at(-1)!.digest }) : {}),
    },
  );
}

/** `?n=&last=`. @throws {RegistryError} `PAGINATION_NUMBER_INVALID` */
function pageOf({ query }: Call): { readonly n: number; readonly last: string } {
  const given = query.get('n');
  const last = query.get('last') ?? '';
  if (given === null || given === '') return { n: longestPage, last };
  if (!/^\d{1,15}$/.test(given))
    throw new RegistryError('PAGINATION_NUMBER_INVALID', 'n must be a number from 0', {
      detail: { n: given.slice(0, 100) },
    });
  return { n: Math.min(Number(given), longestPage), last };
}

/** The same request for what comes after `last`. @see RFC 5988 */
function next({ path, query }: Call, { n, last }: { readonly n: number; readonly last: string }): Headers {
  const parameters = new URLSearchParams(query);
  parameters.set('n', `${n}`);
  parameters.set('last', last);
  return { Link: `<${path}?${parameters}>; rel="next"` };
}
