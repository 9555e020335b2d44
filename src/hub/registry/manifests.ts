import { parseManifest } from '#oci/manifest.ts';
import { choosePlatform } from '#oci/platform.ts';
import { removeManifest, removeTag } from '../catalogue/removal.ts';
import type { Routes } from '../http/area.ts';
import type { Call } from '../http/call.ts';
import type { Headers, Reply } from '../http/reply.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { PullMeter } from '../usage/pull-meter.ts';
import type { PullAllowance } from '../usage/pull-windows.ts';
import { denied, RegistryError } from './errors.ts';
import type { Gate } from './gate.ts';
import { pushManifest } from './manifest-push.ts';
import { checkedDigest } from './names.ts';
import { accepts, wantsImage } from './negotiate.ts';
import { answer } from './replies.ts';

interface ManifestRow {
  readonly digest: string;
  readonly media_type: string;
  readonly bytes: Uint8Array;
}

interface Parts {
  readonly rooms: HubRooms;
  readonly gate: Gate;
  readonly pulls: PullMeter;
}

/** @see OCI distribution-spec, § Pulling manifests, § Pushing manifests, § Deleting tags, § Deleting manifests */
export function manifestRoutes(
  rooms: HubRooms,
  { store, gate, pulls }: { readonly store: BlobStore; readonly gate: Gate; readonly pulls: PullMeter },
): Routes {
  const parts: Parts = { rooms, gate, pulls };
  return {
    'GET /v2/{name*}/manifests/{reference}': (call) => get(parts, call),
    'HEAD /v2/{name*}/manifests/{reference}': (call) => head(parts, call),
    'PUT /v2/{name*}/manifests/{reference}': async (call) =>
      pushManifest(rooms, store, { call, repository: await gate.pushed(call) }),
    'DELETE /v2/{name*}/manifests/{reference}': (call) => remove(parts, call),
  };
}

/** A pull: it takes one from the puller's hour. */
async function get({ rooms, gate, pulls }: Parts, call: Call): Promise<Reply> {
  const { repository } = await gate.granted(call, 'read');
  const reference = call.param('reference');
  const row = found(rooms, repository, reference, call.headers.accept);
  if (call.headers['if-none-match']?.includes(row.digest)) return answer(304, { headers: headersOf(row) });
  const allowance = await pulls.check(call.actor, repository);
  if (allowance?.refused !== undefined) throw tooMany(allowance, allowance.refused);
  if (!reference.includes(':') || !isChild(rooms, repository, row.digest)) pulls.count(repository);
  const headers =
    allowance === undefined ? headersOf(row) : { ...headersOf(row), ...limitHeaders(allowance) };
  return answer(200, { headers, body: row.bytes });
}

/** As GET, free of charge. */
async function head({ rooms, gate, pulls }: Parts, call: Call): Promise<Reply> {
  const { repository } = await gate.granted(call, 'read');
  const allowance = await pulls.look(call.actor, repository);
  const row = found(rooms, repository, call.param('reference'), call.headers.accept);
  const limits = allowance === undefined ? {} : limitHeaders(allowance);
  return answer(200, {
    headers: { ...headersOf(row), ...limits, 'Content-Length': `${row.bytes.length}` },
  });
}

/** A tag's name alone, or a manifest with its tags. What others refer to, and tags that are not to be moved, stay. */
async function remove({ rooms, gate }: Parts, call: Call): Promise<Reply> {
  const { repository } = await gate.granted(call, 'admin');
  const reference = call.param('reference');
  const removal = reference.includes(':')
    ? await removeManifest(rooms, call.actor, repository, checkedDigest(reference))
    : await removeTag(rooms, call.actor, repository, reference);
  if (removal.kind === 'removed') return answer(202);
  if (removal.kind === 'missing') throw manifestUnknown(repository, reference);
  if (removal.immutableTag !== undefined) throw denied(`tag ${removal.immutableTag} is immutable`);
  throw denied(`the manifest is part of ${removal.index}, which is to go first`);
}

const indexWith = ({ database }: HubRooms, { id }: RepositoryRecord, digest: string): string | undefined =>
  database.get<{ manifest: string }>(
    "SELECT manifest FROM manifest_link WHERE repository_id = ? AND target = ? AND kind = 'manifest' LIMIT 1",
    id,
    digest,
  )?.manifest;

/** One image of an index that was pulled already does not count again. */
const isChild = (rooms: HubRooms, repository: RepositoryRecord, digest: string): boolean =>
  indexWith(rooms, repository, digest) !== undefined;

const byTag = `SELECT m.digest, m.media_type, c.bytes FROM tag t
    JOIN repository_manifest m ON m.repository_id = t.repository_id AND m.digest = t.digest
    JOIN manifest_content c ON c.digest = t.digest
   WHERE t.repository_id = ? AND t.name = ?`;
const byDigest = `SELECT m.digest, m.media_type, c.bytes FROM repository_manifest m
    JOIN manifest_content c ON c.digest = m.digest
   WHERE m.repository_id = ? AND m.digest = ?`;

function found(
  { database }: HubRooms,
  repository: RepositoryRecord,
  reference: string,
  accept: string | undefined,
): ManifestRow {
  const isDigest = reference.includes(':');
  if (isDigest) checkedDigest(reference);
  const row = database.get<ManifestRow>(isDigest ? byDigest : byTag, repository.id, reference);
  if (row === undefined) throw manifestUnknown(repository, reference);
  // by digest, those bytes it is
  if (isDigest || accepts(accept, row.media_type)) return row;
  const image = wantsImage(accept, row.media_type) ? imageOf(database, repository, row) : undefined;
  if (image !== undefined && accepts(accept, image.media_type)) return image;
  throw new RegistryError(
    'MANIFEST_UNKNOWN',
    `the manifest is of type ${row.media_type}, which the Accept header does not have`,
    { detail: { name: repository.fullName, tag: reference } },
  );
}

/** docker-registry too gives clients that know no index the image for Linux on amd64. */
function imageOf(
  database: HubRooms['database'],
  { id }: RepositoryRecord,
  { bytes, media_type }: ManifestRow,
): ManifestRow | undefined {
  const index = parseManifest(bytes, media_type);
  if (index.kind !== 'index') return undefined;
  const chosen = choosePlatform(index.manifests, { os: 'linux', architecture: 'amd64' });
  return chosen && database.get<ManifestRow>(byDigest, id, chosen.digest);
}

const manifestUnknown = ({ fullName: name }: RepositoryRecord, reference: string): RegistryError =>
  new RegistryError('MANIFEST_UNKNOWN', 'manifest unknown', {
    detail: { name, reference: reference.slice(0, 300) },
  });

const headersOf = ({ digest, media_type }: ManifestRow): Headers => ({
  'Content-Type': media_type,
  'Docker-Content-Digest': digest,
  ETag: `"${digest}"`,
});

/** As Docker Hub tells them. */
const limitHeaders = ({ limit, remaining, windowSeconds, source }: PullAllowance): Headers => ({
  'ratelimit-limit': `${limit};w=${windowSeconds}`,
  'ratelimit-remaining': `${remaining};w=${windowSeconds}`,
  'docker-ratelimit-source': source,
});

const tooMany = (
  allowance: PullAllowance,
  { retryAfterSeconds }: { readonly retryAfterSeconds: number },
): RegistryError =>
  new RegistryError(
    'TOOMANYREQUESTS',
    `You have reached your pull rate limit of ${allowance.limit} an hour: try again in ${retryAfterSeconds} seconds`,
    { headers: { ...limitHeaders(allowance), 'Retry-After': `${retryAfterSeconds}` } },
  );
