import { crashPoint } from '#base/crash-point.ts';
import type { Digest } from '#oci/digest.ts';
import { batches } from './batches.ts';
import type { Collection } from './collect.ts';

/** Blobs that no repository has. @returns how many went, and their bytes */
export async function collectBlobs(
  collection: Collection,
): Promise<{ readonly count: number; readonly bytes: number }> {
  let count = 0;
  let bytes = 0;
  for await (const { digest, size } of collection.records.collection.unlinkedBlobs(collection)) {
    if (!(await dropBlob(collection, digest))) continue;
    count += 1;
    bytes += size;
  }
  return { count, bytes };
}

async function dropBlob({ records, store, locks, signal }: Collection, digest: Digest): Promise<boolean> {
  using _held = await locks.acquire(digest, signal);
  if (!(await records.collection.dropBlob(digest))) return false;
  crashPoint('collect.record-gone');
  await store.delete(digest);
  crashPoint('collect.blob-gone');
  return true;
}

/** Files of blobs that no record has: of a crash between the two. @returns their bytes */
export async function collectOrphans(collection: Collection): Promise<number> {
  const { records, store, signal } = collection;
  let bytes = 0;
  for await (const batch of batches(store.list(), signal)) {
    const unknown = new Set(await records.collection.unknownBlobs(batch.map(({ digest }) => digest)));
    for (const { digest, size } of batch)
      if (unknown.has(digest) && (await dropOrphan(collection, digest))) bytes += size;
  }
  return bytes;
}

async function dropOrphan({ records, store, locks, signal }: Collection, digest: Digest): Promise<boolean> {
  // an upload's end has the lock from before its file is there until its record is
  using _held = await locks.acquire(digest, signal);
  const isUnknown = (await records.collection.unknownBlobs([digest])).length > 0;
  if (!isUnknown || (await records.holds.isHeld())) return false;
  await store.delete(digest);
  return true;
}
