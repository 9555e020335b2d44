import { setImmediate as turn } from 'node:timers/promises';
import { crashPoint } from '#base/crash-point.ts';
import type { Digest } from '#oci/digest.ts';
import type { Collection } from './collect.ts';
import { isHeld } from './holds.ts';
import { batchSize, pages } from './pages.ts';

interface BlobRow {
  readonly digest: Digest;
  readonly size: number;
  readonly linked: number;
}

/** Blobs that no repository has. @returns how many went, and their bytes */
export async function collectBlobs(
  collection: Collection,
): Promise<{ readonly count: number; readonly bytes: number }> {
  const { database } = collection.rooms;
  let count = 0;
  let bytes = 0;
  const rows = pages<BlobRow>(
    database,
    `SELECT digest, size, EXISTS (SELECT 1 FROM repository_blob l WHERE l.digest = b.digest) AS linked
       FROM blob b WHERE digest > ? ORDER BY digest`,
    { from: [''], keyOf: ({ digest }) => [digest], signal: collection.signal },
  );
  for await (const batch of rows) {
    for (const { digest, size } of batch.filter(({ linked }) => linked === 0)) {
      if (!(await dropBlob(collection, digest))) continue;
      count += 1;
      bytes += size;
    }
  }
  return { count, bytes };
}

async function dropBlob({ rooms, store, locks, signal }: Collection, digest: Digest): Promise<boolean> {
  using _held = await locks.acquire(digest, signal);
  const gone = rooms.database.transaction(
    () =>
      !isHeld(rooms.database) &&
      rooms.database.run(
        'DELETE FROM blob WHERE digest = ?1 AND NOT EXISTS (SELECT 1 FROM repository_blob WHERE digest = ?1)',
        digest,
      ) > 0,
  );
  if (!gone) return false;
  crashPoint('collect.record-gone');
  await store.delete(digest);
  crashPoint('collect.blob-gone');
  return true;
}

/** Files of blobs that no record has: of a crash between the two. @returns their bytes */
export async function collectOrphans(collection: Collection): Promise<number> {
  let bytes = 0;
  let looked = 0;
  for await (const { digest, size } of collection.store.list()) {
    collection.signal?.throwIfAborted();
    if (!isRecorded(collection, digest) && (await dropOrphan(collection, digest))) bytes += size;
    looked += 1;
    if (looked % batchSize === 0) await turn();
  }
  return bytes;
}

async function dropOrphan(collection: Collection, digest: Digest): Promise<boolean> {
  // an upload's end has the lock from before its file is there until its record is
  using _held = await collection.locks.acquire(digest, collection.signal);
  if (isRecorded(collection, digest) || isHeld(collection.rooms.database)) return false;
  await collection.store.delete(digest);
  return true;
}

const isRecorded = ({ rooms }: Collection, digest: Digest): boolean =>
  rooms.database.get('SELECT 1 FROM blob WHERE digest = ?', digest) !== undefined;
