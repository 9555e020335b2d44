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
import { unlinkBlob } from './links.ts';
import { checkedDigest } from './names.ts';
import { answer } from './replies.ts';

interface BlobRow {
  readonly size: number;
  readonly linked_at: string;
}

/** A link that a pusher asks about is made young again when it is older than this: collection leaves what a push found there. */
const refreshAfter = 600_000;

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
  const { size } = found(rooms, granted, digest);
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
  if (body === undefined || body.size !== size) throw lost(rooms, digest);
  return span === undefined
    ? answer(200, { headers, body })
    : answer(206, { headers: { ...headers, 'Content-Range': `bytes ${start}-${end}/${size}` }, body });
}

function head(rooms: HubRooms, call: Call, granted: Granted): Reply {
  const digest = checkedDigest(call.param('digest'));
  const { size, linked_at } = found(rooms, granted, digest);
  const now = rooms.now();
  if (reaches(granted.level, 'write') && now.getTime() - Date.parse(linked_at) > refreshAfter)
    rooms.database.run(
      'UPDATE repository_blob SET linked_at = ? WHERE repository_id = ? AND digest = ?',
      ...[now.toISOString(), granted.repository.id, digest],
    );
  return answer(200, { headers: { ...headersOf(digest), 'Content-Length': `${size}` } });
}

/** Takes a blob from one repository; one that a manifest there refers to stays, for that would break it. */
function remove(rooms: HubRooms, call: Call, { repository }: Granted): Reply {
  const digest = checkedDigest(call.param('digest'));
  rooms.database.transaction(() => {
    const user = rooms.database.get<{ manifest: string }>(
      "SELECT manifest FROM manifest_link WHERE repository_id = ? AND target = ? AND kind <> 'manifest' LIMIT 1",
      repository.id,
      digest,
    );
    if (user !== undefined)
      throw denied(`the blob is part of manifest ${user.manifest}, which is to go first`);
    if (!unlinkBlob(rooms, repository.id, digest)) throw blobUnknown(digest);
    rooms.audit.add({
      ...{ actor: call.actor, action: 'blob.delete', target: `${repository.fullName}@${digest}` },
      ownerId: repository.ownerId,
    });
  });
  return answer(202);
}

function found({ database }: HubRooms, { repository }: Granted, digest: string): BlobRow {
  const row = database.get<BlobRow>(
    `SELECT b.size, l.linked_at FROM repository_blob l JOIN blob b ON b.digest = l.digest
      WHERE l.repository_id = ? AND l.digest = ? AND b.bad_at IS NULL`,
    repository.id,
    digest,
  );
  if (row === undefined) throw blobUnknown(digest);
  return row;
}

/** The disk no longer has what it had. From now on it is not there, so that a push brings it again. */
function lost({ database, log, now }: HubRooms, digest: string): RegistryError {
  log.error('blob is not as it was written', { digest });
  database.run('UPDATE blob SET bad_at = ? WHERE digest = ?', now().toISOString(), digest);
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
