import type { KeyedLock } from '#base/keyed-lock.ts';
import type { Collected } from '../api/administration.ts';
import type { Records } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { collectBlobs, collectOrphans } from './collect-blobs.ts';
import { collectUploads } from './collect-uploads.ts';

export interface CollectOptions {
  /** What is younger stays: a push may be about to refer to it. */
  readonly graceSeconds: number;
  /** Manifests without a tag that nothing refers to, older than this, go too. They stay when it is left out. */
  readonly untaggedSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What every step of a collection works with. */
export interface Collection {
  readonly records: Records;
  readonly store: BlobStore;
  /** By digest: a file is deleted, and an upload becomes one, under it. */
  readonly locks: KeyedLock;
  readonly signal: AbortSignal | undefined;
  /** The time before which a record is old enough. */
  before(seconds: number): string;
}

/**
 * Lets go of what nothing refers to, while pushes go on: links, then what no link keeps, then files that no record has.
 * Whatever is taken is taken in an operation that looks again, so that what a push came to need meanwhile stays; and a blob's
 * record goes before its file, under the lock that an upload's end takes too, so that a crash leaves at most a file that no
 * record has, which the next collection finds.
 */
export async function collect(
  {
    rooms,
    store,
    locks,
  }: Pick<Collection, 'store' | 'locks'> & { readonly rooms: Pick<HubRooms, 'records' | 'now'> },
  { graceSeconds, untaggedSeconds, signal }: CollectOptions,
): Promise<Collected> {
  const { records, now } = rooms;
  const started = now();
  const startedAt = performance.now();
  const collection: Collection = {
    ...{ records, store, locks, signal },
    before: (seconds) => new Date(started.getTime() - seconds * 1000).toISOString(),
  };
  await records.holds.dropExpired();
  await records.attempts.dropForgotten();
  const untagged =
    untaggedSeconds === undefined
      ? 0
      : await records.collection.dropUntagged({ before: collection.before(untaggedSeconds), signal });
  const links = await records.collection.dropUnreferencedLinks({
    ...{ before: collection.before(graceSeconds), signal },
  });
  const contents = await records.collection.dropContents({ signal });
  const blobs = await collectBlobs(collection);
  const orphans = await collectOrphans(collection);
  const uploads = await collectUploads(collection, graceSeconds);
  return {
    at: started.toISOString(),
    milliseconds: Math.round(performance.now() - startedAt),
    links,
    manifests: untagged + contents,
    blobs: blobs.count,
    bytes: blobs.bytes + orphans,
    uploads,
  };
}
