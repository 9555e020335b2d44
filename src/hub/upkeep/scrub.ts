import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Digest, hexOf } from '#oci/digest.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';

export interface ScrubOptions {
  /** Only blobs that were not read for so long; all when absent. */
  readonly olderThanSeconds?: number;
  /** At most so much is read in a second; as fast as it goes when absent. */
  readonly bytesPerSecond?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Scrubbed {
  readonly blobs: number;
  readonly bytes: number;
  /** Digests of those found wrong, now or before. */
  readonly bad: readonly Digest[];
}

/**
 * Reads blobs and holds them against their digests. A bad one is marked: it is served no more, and a push of it is taken
 * anew. One that was bad and reads right again is served again.
 */
export async function scrub(
  {
    rooms,
    store,
  }: {
    readonly rooms: Pick<HubRooms, 'records' | 'now' | 'log'>;
    readonly store: BlobStore;
  },
  options: ScrubOptions = {},
): Promise<Scrubbed> {
  const { olderThanSeconds, bytesPerSecond, signal } = options;
  const read = paced(bytesPerSecond, signal);
  const { checks } = rooms.records;
  const unreadSince =
    olderThanSeconds === undefined
      ? undefined
      : new Date(rooms.now().getTime() - olderThanSeconds * 1000).toISOString();
  const bad: Digest[] = [];
  let blobs = 0;
  let bytes = 0;
  for await (const blob of checks.blobs({ unreadSince, signal })) {
    const verdict = await verify({ store, read }, blob, signal);
    // one that was deleted, or pushed again, since it was read is another
    if (!(await checks.judge(blob, verdict === 'right' ? 'right' : 'bad', { wasRead: true }))) continue;
    blobs += 1;
    bytes += blob.size;
    if (verdict !== 'right') bad.push(blob.digest);
    if (verdict !== 'right' && blob.badAt === undefined)
      rooms.log.error('a blob is bad', { digest: blob.digest, verdict });
  }
  return { blobs, bytes, bad };
}

export type Verdict = 'right' | 'missing' | 'wrong size' | 'wrong content';

type Read = (bytes: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

/** What is read wrong once is read again: memory and cables err too. */
export async function verify(
  { store, read = (bytes) => bytes }: { readonly store: BlobStore; readonly read?: Read },
  { digest, size }: { readonly digest: Digest; readonly size: number },
  signal?: AbortSignal,
): Promise<Verdict> {
  const first = await verifyOnce(store, read, digest, size, signal);
  return first === 'wrong content' ? verifyOnce(store, read, digest, size, signal) : first;
}

async function verifyOnce(
  store: BlobStore,
  read: Read,
  digest: Digest,
  size: number,
  signal: AbortSignal | undefined,
): Promise<Verdict> {
  const found = await store.range(digest);
  if (found === undefined) return 'missing';
  if (found.size !== size) return 'wrong size';
  const hash = createHash(digest.startsWith('sha512:') ? 'sha512' : 'sha256');
  try {
    for await (const bytes of read(store.read(digest))) {
      signal?.throwIfAborted();
      hash.update(bytes);
    }
  } catch (error) {
    // a disk that cannot read a sector says so: the blob is as bad as one that reads wrong
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'EIO') return 'wrong content';
    if (code === 'ENOENT') return 'missing';
    throw error;
  }
  return hash.digest('hex') === hexOf(digest) ? 'right' : 'wrong content';
}

/** Passes bytes on, no faster than so many in a second over the whole of what it passes on. */
function paced(bytesPerSecond: number | undefined, signal: AbortSignal | undefined): Read {
  if (bytesPerSecond === undefined) return (bytes) => bytes;
  const started = performance.now();
  let passed = 0;
  return async function* (bytes) {
    for await (const piece of bytes) {
      yield piece;
      passed += piece.length;
      const ahead = (passed / bytesPerSecond) * 1000 - (performance.now() - started);
      if (ahead > 20) await sleep(ahead, undefined, { signal: signal as AbortSignal });
    }
  };
}
