import { mediaTypes } from '#oci/media-types.ts';
import type { Routes } from '../http/area.ts';
import type { Call } from '../http/call.ts';
import type { Headers, Reply } from '../http/reply.ts';
import { viewerOf } from '../records/index.ts';
import { visibleTo } from '../records/sqlite/visible.ts';
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

async function tags({ database }: HubRooms, gate: Gate, call: Call): Promise<Reply> {
  const { repository } = await gate.granted(call, 'read');
  const { n, last } = pageOf(call);
  const names = database
    .all<{ name: string }>(
      'SELECT name FROM tag WHERE repository_id = ? AND name > ? ORDER BY name LIMIT ?',
      repository.id,
      last,
      n === 0 ? 0 : n + 1,
    )
    .map(({ name }) => name);
  const page = names.slice(0, n);
  const headers = names.length > n ? next(call, { n, last: page.at(-1)! }) : {};
  return jsonAnswer({ name: repository.fullName, tags: page }, headers);
}

/** Those that the one who asks may see. Strangers need a token too: clients show who they are once they are asked, not before. */
function catalogue({ database }: HubRooms, call: Call): Reply {
  const { actor } = call;
  if (actor.scopes === undefined ? actor.kind === 'stranger' : !actor.scopes.has('')) throw unauthorised();
  const { n, last } = pageOf(call);
  const visible = visibleTo(viewerOf(actor), 3);
  const names = database
    .all<{ full_name: string }>(
      `SELECT r.full_name FROM repository r WHERE r.full_name > ?1 AND ${visible.sql} ORDER BY r.full_name LIMIT ?2`,
      last,
      n === 0 ? 0 : n + 1,
      ...visible.values,
    )
    .map(({ full_name }) => full_name);
  const page = names.slice(0, n);
  return jsonAnswer({ repositories: page }, names.length > n ? next(call, { n, last: page.at(-1)! }) : {});
}

interface ReferrerRow {
  readonly digest: string;
  readonly media_type: string;
  readonly artifact_type: string;
  readonly annotations: string;
  readonly size: number;
}

async function referrers({ database }: HubRooms, gate: Gate, call: Call): Promise<Reply> {
  const { repository } = await gate.granted(call, 'read');
  const subject = checkedDigest(call.param('digest'));
  const type = call.query.get('artifactType') ?? '';
  const n = Math.min(pageOf(call).n, referrersPage);
  const found = database.all<{ digest: string; length: number }>(
    `SELECT digest, length(annotations) AS length FROM repository_manifest
      WHERE repository_id = ?1 AND subject = ?2 AND digest > ?3 AND (?4 = '' OR artifact_type = ?4)
      ORDER BY digest LIMIT ?5`,
    ...[repository.id, subject, call.query.get('last') ?? '', type, n === 0 ? 0 : n + 1],
  );
  const page = found.slice(0, fitting(found.slice(0, n)));
  const manifests = page.map(({ digest }) =>
    descriptorOf(
      database.get<ReferrerRow>(
        `SELECT m.digest, m.media_type, m.artifact_type, m.annotations, c.size
           FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
          WHERE m.repository_id = ? AND m.digest = ?`,
        repository.id,
        digest,
      )!,
    ),
  );
  return jsonAnswer(
    { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests },
    {
      'Content-Type': mediaTypes.ociIndex,
      ...(type === '' ? {} : { 'OCI-Filters-Applied': 'artifactType' }),
      ...(found.length > page.length && n > 0 ? next(call, { n, last: page.at(-1)!.digest }) : {}),
    },
  );
}

/** How many of them go in one reply: at least one. */
function fitting(rows: readonly { readonly length: number }[]): number {
  let bytes = 0;
  const over = rows.findIndex(({ length }) => {
    bytes += length;
    return bytes > referrersBytes;
  });
  return over < 0 ? rows.length : Math.max(1, over);
}

const descriptorOf = ({ digest, media_type, artifact_type, annotations, size }: ReferrerRow) => ({
  mediaType: media_type,
  digest,
  size,
  ...(artifact_type === '' ? {} : { artifactType: artifact_type }),
  ...(annotations === '{}' ? {} : { annotations: JSON.parse(annotations) as object }),
});

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
