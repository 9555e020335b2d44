import { parseManifest } from '#oci/manifest.ts';
import { choosePlatform } from '#oci/platform.ts';
import { removeManifest, removeTag } from '../catalogue/removal.ts';
import type { Routes } from '../http/area.ts';
import type { Call } from '../http/call.ts';
import type { Headers, Reply } from '../http/reply.ts';
import type { Records, RepositoryRecord, StoredManifest } from '../records/index.ts';
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
  const manifest = await found(rooms, repository, reference, call.headers.accept);
  const headers = headersOf(manifest);
  if (call.headers['if-none-match']?.includes(manifest.digest)) return answer(304, { headers });
  const allowance = await pulls.check(call.actor, repository);
  if (allowance?.refused !== undefined) throw tooMany(allowance, allowance.refused);
  // one image of an index that was pulled already does not count again
  if (!reference.includes(':') || !(await rooms.records.manifests.isInIndex(repository, manifest.digest)))
    pulls.count(repository);
  return answer(200, {
    headers: allowance === undefined ? headers : { ...headers, ...limitHeaders(allowance) },
    body: manifest.bytes,
  });
}

/** As GET, free of charge. */
async function head({ rooms, gate, pulls }: Parts, call: Call): Promise<Reply> {
  const { repository } = await gate.granted(call, 'read');
  const allowance = await pulls.look(call.actor, repository);
  const manifest = await found(rooms, repository, call.param('reference'), call.headers.accept);
  const limits = allowance === undefined ? {} : limitHeaders(allowance);
  return answer(200, {
    headers: { ...headersOf(manifest), ...limits, 'Content-Length': `${manifest.bytes.length}` },
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

async function found(
  { records }: HubRooms,
  repository: RepositoryRecord,
  reference: string,
  accept: string | undefined,
): Promise<StoredManifest> {
  const isDigest = reference.includes(':');
  if (isDigest) checkedDigest(reference);
  const manifest = await records.manifests.find(repository, reference);
  if (manifest === undefined) throw manifestUnknown(repository, reference);
  // by digest, those bytes it is
  if (isDigest || accepts(accept, manifest.mediaType)) return manifest;
  const image = wantsImage(accept, manifest.mediaType)
    ? await imageOf(records, repository, manifest)
    : undefined;
  if (image !== undefined && accepts(accept, image.mediaType)) return image;
  throw new RegistryError(
    'MANIFEST_UNKNOWN',
    `the manifest is of type ${manifest.mediaType}, which the Accept header does not have`,
    { detail: { name: repository.fullName, tag: reference } },
  );
}

/** docker-registry too gives clients that know no index the image for Linux on amd64. */
async function imageOf(
  { manifests }: Pick<Records, 'manifests'>,
  repository: RepositoryRecord,
  { bytes, mediaType }: StoredManifest,
): Promise<StoredManifest | undefined> {
  const index = parseManifest(bytes, mediaType);
  if (index.kind !== 'index') return undefined;
  const chosen = choosePlatform(index.manifests, { os: 'linux', architecture: 'amd64' });
  return chosen && manifests.find(repository, chosen.digest);
}

const manifestUnknown = ({ fullName: name }: RepositoryRecord, reference: string): RegistryError =>
  new RegistryError('MANIFEST_UNKNOWN', 'manifest unknown', {
    detail: { name, reference: reference.slice(0, 300) },
  });

const headersOf = ({ digest, mediaType }: StoredManifest): Headers => ({
  'Content-Type': mediaType,
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
