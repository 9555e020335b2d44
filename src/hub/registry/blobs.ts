import type { Granted } from '../access/access.ts';
import { reaches } from '../access/actor.ts';
import type { Routes } from '../http/area.ts';
import type { Call } from '../http/call.ts';
import { requestedSpan } from '../http/ranges.ts';
import type { Headers, Reply } from '../http/reply.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { denied, RegistryError } from './errors.ts';
import type { Gate } from './gate.ts';
import { checkedDigest } from './names.ts';
import { answer } from './replies.ts';

/** @see OCI distribution-spec, § Pulling blobs, § Deleting blobs */
export function blobRoutes(
  rooms: HubRooms,
  { store, gate }: { readonly store: BlobStore; readonly gate: Gate },
): Routes {
  return {
    'GET /v2/{name*}/blobs/{digest}': async (call) =>
      get(rooms, store, call, await gate.granted(call, 'read')),
    'HEAD /v2/{name*}/blobs/{digest}': async (call) => head(rooms, call, await gate.granted(call, 'read')),
    'DELETE /v2/{name*}/blobs/{digest}': async (call) =>
      remove(rooms, call, await gate.granted(call, 'admin')),
  };
}

async function get(rooms: HubRooms, store: BlobStore, call: Call, granted: Granted): Promise<Reply> {
  const digest = checkedDigest(call.param('digest'));
  const { size } = await found(rooms, granted, digest);
  const headers = headersOf(digest);
  if (call.headers['if-none-match']?.includes(digest)) return answer(304, { headers });
  const span = isCurrent(call, digest) ? requestedSpan(call.headers.range, size) : undefined;
  if (span === 'unsatisfiable')
    throw new RegistryError('SIZE_INVALID', `the blob is ${size} bytes long`, {
      status: 416,
      headers: { 'Content-Range': `bytes */${size}` },
    });
  const { start, end } = span ?? { start: 0, end: size - 1 };
  const body = await store.range(digest, start, end - start + 1);
  if (body === undefined || body.size !== size) throw await lost(rooms, digest);
  return span === undefined
    ? answer(200, { headers, body })
    : answer(206, { headers: { ...headers, 'Content-Range': `bytes ${start}-${end}/${size}` }, body });
}

/** What a pusher finds there, it does not send: no collection is to take it before its manifest comes. */
async function head(rooms: HubRooms, call: Call, granted: Granted): Promise<Reply> {
  const digest = checkedDigest(call.param('digest'));
  const { size } = await found(rooms, granted, digest, { renews: reaches(granted.level, 'write') });
  return answer(200, { headers: { ...headersOf(digest), 'Content-Length': `${size}` } });
}

/** Takes a blob from one repository; one that a manifest there refers to stays, for that would break it. */
async function remove({ records }: HubRooms, call: Call, { repository }: Granted): Promise<Reply> {
  const digest = checkedDigest(call.param('digest'));
  const removal = await records.blobs.remove(repository, digest, {
    ...{ actor: call.actor, action: 'blob.delete', target: `${repository.fullName}@${digest}` },
    ownerId: repository.ownerId,
  });
  if (removal.kind === 'kept')
    throw denied(`the blob is part of manifest ${removal.manifest}, which is to go first`);
  if (removal.kind === 'missing') throw blobUnknown(digest);
  return answer(202);
}

async function found(
  { records }: HubRooms,
  { repository }: Granted,
  digest: string,
  options?: { readonly renews: boolean },
): Promise<{ readonly size: number }> {
  const blob = await records.blobs.find(repository, digest, options);
  if (blob === undefined) throw blobUnknown(digest);
  return blob;
}

/** The disk no longer has what it had. From now on it is not there, so that a push brings it again. */
async function lost({ records, log }: HubRooms, digest: string): Promise<RegistryError> {
  log.error('blob is not as it was written', { digest });
  await records.blobs.markBad(digest);
  return blobUnknown(digest);
}

export const blobUnknown = (digest: string): RegistryError =>
  new RegistryError('BLOB_UNKNOWN', 'blob unknown to registry', { detail: { digest } });

const headersOf = (digest: string): Headers => ({
  'Content-Type': 'application/octet-stream',
  'Docker-Content-Digest': digest,
  'Accept-Ranges': 'bytes',
  ETag: `"${digest}"`,
});

/** Whether the part that is asked for is of these bytes. */
const isCurrent = ({ headers }: Call, digest: string): boolean =>
  headers['if-range'] === undefined || headers['if-range'] === `"${digest}"`;
