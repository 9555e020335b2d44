import { createHash } from 'node:crypto';
import { internal } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import { RegistryError, unexpected } from './registry-error.ts';
import { isTransient, pause, waitAfter } from './retry.ts';
import type { Session, SessionRequest } from './session.ts';
import { discard, type HttpResponse } from './transport.ts';

export interface UploadSource {
  /** The bytes, the same each time it is asked. */
  readonly open: () => AsyncIterable<Uint8Array>;
  /** What they must turn out to be, where that is known. */
  readonly digest?: Digest;
  /** Called as bytes are on the other side: how many in all. */
  readonly onProgress?: (sent: number) => void;
}

export interface Uploaded {
  readonly digest: Digest;
  readonly size: number;
}

interface Upload {
  readonly session: Session;
  readonly scopes: readonly string[];
  readonly signal?: AbortSignal | undefined;
}

/** Kept in memory until the registry has it, so that an upload resumes without asking its source again. */
const chunkBytes = 8 << 20;
const restarts = 3;

/**
 * Sends a blob into an upload that the registry has opened: in one request when it is small, else in chunks that resume
 * where the connection broke. An upload that the registry forgot is begun again.
 *
 * @param reopen opens another upload. @returns what the bytes were
 */
export async function uploadBlob(
  first: string,
  source: UploadSource,
  options: Upload & { readonly reopen: () => Promise<string> },
): Promise<Uploaded> {
  let location = first;
  for (let tries = 1; ; tries += 1) {
    try {
      return await sendAll(location, source, options);
    } catch (error) {
      if (!isForgotten(error) || tries >= restarts) throw error;
      location = await options.reopen();
    }
  }
}

const isForgotten = (error: unknown): boolean =>
  error instanceof RegistryError && (error.code === 'BLOB_UPLOAD_UNKNOWN' || error.status === 404);

async function sendAll(start: string, source: UploadSource, upload: Upload): Promise<Uploaded> {
  const hash = createHash('sha256');
  let location = start;
  let sent = 0;
  let held: Buffer | undefined;
  for await (const chunk of inChunks(source.open())) {
    hash.update(chunk);
    if (held !== undefined) {
      location = await sendChunk(location, held, sent, upload);
      sent += held.length;
      source.onProgress?.(sent);
    }
    held = chunk;
  }
  const digest: Digest = `sha256:${hash.digest('hex')}`;
  if (source.digest !== undefined && source.digest !== digest)
    throw internal(`Cannot push ${source.digest}: its bytes are ${digest}`);
  const rest = held ?? Buffer.alloc(0);
  await finish(location, rest, sent, digest, upload);
  source.onProgress?.(sent + rest.length);
  return { digest, size: sent + rest.length };
}

/** A chunk at `offset`; whatever breaks, the registry is asked how far it got. @returns where the next goes */
async function sendChunk(start: string, chunk: Buffer, offset: number, upload: Upload): Promise<string> {
  let location = start;
  let done = 0;
  for (let failures = 1; ; failures += 1) {
    try {
      return locationOf(await patch(location, chunk.subarray(done), offset + done, upload), upload);
    } catch (error) {
      await waitOrThrow(error, failures, upload);
      const status = await statusOf(location, upload);
      if (status.received < offset || status.received > offset + chunk.length)
        throw unexpected(`an upload is at byte ${status.received}, outside of what was sent last`);
      location = status.location;
      done = status.received - offset;
      if (done === chunk.length) return location;
    }
  }
}

function patch(location: string, bytes: Buffer, offset: number, upload: Upload): Promise<HttpResponse> {
  return upload.session.send({
    ...request(upload),
    method: 'PATCH',
    url: location,
    headers: { ...octets, 'content-range': `${offset}-${offset + bytes.length - 1}` },
    body: bytes,
    accept: [202, 201, 204],
  });
}

/** The last bytes and the digest that closes the upload. */
async function finish(
  start: string,
  rest: Buffer,
  offset: number,
  digest: Digest,
  upload: Upload,
): Promise<void> {
  // A first and only chunk goes along with the PUT; later ones are patched so that the PUT may be repeated.
  const single = offset === 0;
  let location = single || rest.length === 0 ? start : await sendChunk(start, rest, offset, upload);
  for (let failures = 1; ; failures += 1) {
    try {
      return discard(await put(location, single ? rest : Buffer.alloc(0), digest, upload));
    } catch (error) {
      await waitOrThrow(error, failures, upload);
      const status = await statusOf(location, upload).catch(() => undefined);
      if (single && status !== undefined && status.received > 0)
        throw new RegistryError({ code: 'BLOB_UPLOAD_UNKNOWN', status: 404, message: 'the upload was cut' });
      location = status?.location ?? location;
    }
  }
}

function put(location: string, body: Buffer, digest: Digest, upload: Upload): Promise<HttpResponse> {
  const url = new URL(location, upload.session.origin.base);
  url.searchParams.set('digest', digest);
  return upload.session.send({
    ...request(upload),
    method: 'PUT',
    url,
    headers: octets,
    body,
    accept: [201, 204],
  });
}

async function statusOf(location: string, upload: Upload): Promise<{ location: string; received: number }> {
  const response = await upload.session.sendPatiently({
    ...request(upload),
    method: 'GET',
    url: location,
    accept: [204, 200, 202],
  });
  const last = /^(?:bytes=)?0-(\d+)$/.exec(String(response.headers['range'] ?? ''))?.[1];
  // docker-registry says 0-0 for nothing at all, which is also what one byte would be: then begin again.
  const received = last === undefined || last === '0' ? 0 : Number(last) + 1;
  return { location: locationOf(response, upload), received };
}

async function waitOrThrow(error: unknown, failures: number, upload: Upload): Promise<void> {
  const { retry } = upload.session;
  const misplaced = error instanceof RegistryError && error.status === 416;
  if (
    upload.signal?.aborted ||
    !(isTransient(error, { known: true }) || misplaced) ||
    failures >= retry.attempts
  )
    throw error;
  await pause(waitAfter(error, failures, retry), upload.signal);
}

const octets = { 'content-type': 'application/octet-stream' };

const request = ({ scopes, signal }: Upload): Pick<SessionRequest, 'scopes' | 'signal'> => ({
  scopes,
  signal,
});

/** Where an upload goes on: registries move it with every answer. */
export function locationOf(response: HttpResponse, { session }: Pick<Upload, 'session'>): string {
  const { location } = response.headers;
  discard(response);
  if (location === undefined || !URL.canParse(location, session.origin.base))
    throw unexpected('an upload without its location');
  return new URL(location, response.url).href;
}

async function* inChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void, void> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of source) {
    parts.push(part);
    length += part.length;
    if (length < chunkBytes) continue;
    yield Buffer.concat(parts, length);
    [parts, length] = [[], 0];
  }
  if (length > 0) yield Buffer.concat(parts, length);
}
