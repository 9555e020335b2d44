import type { Digest } from '#oci/digest.ts';
import type { Routes } from '../http/area.ts';
import type { Call } from '../http/call.ts';
import type { Headers, Reply } from '../http/reply.ts';
import { LimitReached, type PlanRoom, type RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { type BlobUpload, UploadTooLong } from '../store/blob-store.ts';
import { RegistryError } from './errors.ts';
import type { Gate } from './gate.ts';
import { mountBlob } from './mounts.ts';
import { algorithmOf, checkedDigest } from './names.ts';
import { limitReached, longestUpload } from './plan-room.ts';
import { chunkSpan, receivedRange } from './ranges.ts';
import { answer } from './replies.ts';
import type { UploadSessions } from './upload-sessions.ts';
import { Writers } from './writers.ts';

/** Advice: a request for each few kilobytes is slow. Shorter chunks are taken too. */
const chunkMinLength = 1 << 20;
/** How much of a body may come before it counts, where a plan sets a limit. */
const meteredBytes = 32 << 20;

interface Parts {
  readonly rooms: HubRooms;
  readonly gate: Gate;
  readonly sessions: UploadSessions;
  readonly writers: Writers;
}

/** @see OCI distribution-spec, § Pushing blobs, § Mounting a blob from another repository */
export function uploadRoutes(
  rooms: HubRooms,
  { gate, sessions }: { readonly gate: Gate; readonly sessions: UploadSessions },
): Routes {
  const parts: Parts = { rooms, gate, sessions, writers: new Writers() };
  return {
    'POST /v2/{name*}/blobs/uploads': (call) => post(parts, call),
    'PATCH /v2/{name*}/blobs/uploads/{id}': (call) => patch(parts, call),
    'PUT /v2/{name*}/blobs/uploads/{id}': (call) => put(parts, call),
    'GET /v2/{name*}/blobs/uploads/{id}': async (call) => {
      const { repository } = await gate.granted(call, 'write');
      return answer(204, { headers: progress(repository, await sessions.get(repository, call.param('id'))) });
    },
    'DELETE /v2/{name*}/blobs/uploads/{id}': async (call) => {
      const { repository } = await gate.granted(call, 'write');
      const upload = await sessions.get(repository, call.param('id'));
      using _turn = await parts.writers.take(upload.id, call.request);
      await sessions.cancel(upload);
      return answer(204);
    },
  };
}

/** Begins an upload; with `digest` it is all of it, with `mount` it may be none. */
async function post(parts: Parts, call: Call): Promise<Reply> {
  const repository = await parts.gate.pushed(call);
  const [digest, mount, from] = ['digest', 'mount', 'from'].map((name) => call.query.get(name));
  if (mount) {
    const wanted = checkedDigest(mount);
    if (await mountBlob(parts.rooms, call.actor, { repository, digest: wanted, from: from || undefined }))
      return stored(repository, wanted);
  }
  if (!digest) return accepted(repository, await parts.sessions.begin(repository, call.actor));
  const whole = checkedDigest(digest);
  await roomFor(parts, call, { repository, digest: whole });
  const upload = await parts.sessions.begin(repository, call.actor);
  try {
    return await finish(parts, call, { repository, upload, digest: whole });
  } catch (error) {
    // its client does not know it, and cannot go on with it
    await parts.sessions.cancel(upload);
    throw error;
  }
}

async function patch(parts: Parts, call: Call): Promise<Reply> {
  const { repository } = await parts.gate.granted(call, 'write');
  const id = call.param('id');
  await parts.sessions.check(repository, id);
  using turn = await parts.writers.take(id, call.request);
  const upload = await parts.sessions.get(repository, id);
  await receive(parts, call, { repository, upload, signal: turn.signal });
  await parts.sessions.touch(upload);
  return accepted(repository, upload);
}

async function put(parts: Parts, call: Call): Promise<Reply> {
  const { repository } = await parts.gate.granted(call, 'write');
  const id = call.param('id');
  await parts.sessions.check(repository, id);
  const digest = checkedDigest(call.query.get('digest') ?? '');
  using turn = await parts.writers.take(id, call.request);
  const upload = await parts.sessions.get(repository, id);
  return finish(parts, call, { repository, upload, digest, signal: turn.signal });
}

interface Receiving {
  readonly repository: RepositoryRecord;
  readonly upload: BlobUpload;
  readonly digest?: Digest;
  readonly signal?: AbortSignal;
}

async function finish(
  parts: Parts,
  call: Call,
  receiving: Receiving & { readonly digest: Digest },
): Promise<Reply> {
  const { repository, upload, digest } = receiving;
  await receive(parts, call, receiving);
  await parts.sessions.finish(repository, upload, digest);
  return stored(repository, digest);
}

/** Adds a request's body to an upload. What came of one that failed counts until it is finished, cancelled or given up. */
async function receive(parts: Parts, call: Call, receiving: Receiving): Promise<void> {
  const { repository, upload, digest, signal } = receiving;
  const length = checkChunk(call, repository, upload);
  const room = await roomFor(parts, call, receiving);
  if (length === 0) return;
  const before = upload.received;
  try {
    await upload.append(room === undefined ? call.body : metered(parts, call, receiving), {
      ...(room !== undefined && { most: longestUpload(room) }),
      signal,
      isLast: digest !== undefined,
      ...(digest === undefined ? {} : { algorithm: algorithmOf(digest) }),
    });
  } catch (error) {
    const isTooLong = error instanceof UploadTooLong && room !== undefined;
    if (isTooLong || error instanceof LimitReached) await parts.sessions.cancel(upload);
    else await parts.sessions.touch(upload);
    throw isTooLong ? limitReached(room, longestUpload(room) + 1) : error;
  }
  if (length !== undefined && upload.received - before !== length)
    throw new RegistryError('SIZE_INVALID', `the chunk is not of the ${length} bytes that it says`, {
      headers: progress(repository, upload),
    });
}

/**
 * A body that counts as it comes, a stretch at a time: many at once leave each other no more room than the plan has.
 *
 * @throws {LimitReached}
 */
async function* metered(
  { sessions }: Parts,
  call: Call,
  { repository, upload: { id, received: before }, digest }: Receiving,
): AsyncGenerator<Uint8Array> {
  let received = before;
  let counted = before;
  for await (const chunk of call.body) {
    received += chunk.length;
    yield chunk;
    if (received - counted < meteredBytes) continue;
    counted = received;
    await sessions.touch({ id, received });
    await sessions.roomFor(repository, { uploadId: id, digest, size: received });
  }
}

/** Whether a chunk is the next one. @returns its length, where the client says it */
function checkChunk(call: Call, repository: RepositoryRecord, upload: BlobUpload): number | undefined {
  const announced = call.headers['content-length'];
  const length = announced === undefined ? undefined : Number(announced);
  const header = call.header('content-range');
  if (header === undefined) return length;
  const span = chunkSpan(header);
  if (span === undefined)
    throw new RegistryError('BLOB_UPLOAD_INVALID', `Content-Range is not of the form 0-99: ${header}`);
  if (span.start !== upload.received)
    throw new RegistryError(
      'BLOB_UPLOAD_INVALID',
      `the chunk begins at ${span.start}; ${upload.received} bytes were received`,
      { status: 416, headers: progress(repository, upload) },
    );
  const spanned = span.end - span.start + 1;
  if (length !== undefined && length !== spanned)
    throw new RegistryError(
      'SIZE_INVALID',
      `Content-Length is ${length}, Content-Range has ${spanned} bytes`,
    );
  return spanned;
}

/** Refuses what the plan has no room for before its bytes come. @returns undefined for no limit */
function roomFor(
  { sessions }: Parts,
  call: Call,
  { repository, upload, digest }: Pick<Receiving, 'repository' | 'digest'> & Partial<Receiving>,
): Promise<PlanRoom | undefined> {
  const size = (upload?.received ?? 0) + Number(call.headers['content-length'] ?? 0);
  return sessions.roomFor(repository, { uploadId: upload?.id, digest, size });
}

const progress = (repository: RepositoryRecord, { id, received }: BlobUpload): Headers => ({
  Location: `/v2/${repository.fullName}/blobs/uploads/${id}`,
  Range: receivedRange(received),
  'Docker-Upload-UUID': id,
});

const accepted = (repository: RepositoryRecord, upload: BlobUpload): Reply =>
  answer(202, {
    headers: { ...progress(repository, upload), 'OCI-Chunk-Min-Length': `${chunkMinLength}` },
  });

const stored = (repository: RepositoryRecord, digest: Digest): Reply =>
  answer(201, {
    headers: {
      Location: `/v2/${repository.fullName}/blobs/${digest}`,
      'Docker-Content-Digest': digest,
    },
  });
