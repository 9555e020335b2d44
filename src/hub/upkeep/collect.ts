import type { KeyedLock } from '#base/keyed-lock.ts';
import type { Collected } from '../api/administration.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { collectBlobs, collectOrphans } from './collect-blobs.ts';
import { collectContents, collectLinks, collectUntagged } from './collect-records.ts';
import { collectUploads } from './collect-uploads.ts';
import { dropExpiredHolds } from './holds.ts';

export interface CollectOptions {
  /** What is younger stays: a push may be about to refer to it. */
  readonly graceSeconds: number;
  /** Manifests without a tag that nothing refers to, older than this, go too. They stay when it is left out. */
  readonly untaggedSeconds?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What every step of a collection works with. */
export interface Collection {
  readonly rooms: HubRooms;
  readonly store: BlobStore;
  /** By digest: a file is deleted, and an upload becomes one, under it. */
  readonly locks: KeyedLock;
  readonly signal: AbortSignal | undefined;
  /** The time before which a record is old enough. */
  before(seconds: number): string;
}

/**
 * Lets go of what nothing refers to, while pushes go on: links, then what no link keeps, then files that no record has.
 * Whatever is taken is taken in a transaction that looks again, so that what a push came to need meanwhile stays; and a blob's
 * record goes before its file, under the lock that an upload's end takes too, so that a crash leaves at most a file that no
 * record has, which the next collection finds.
 */
export async function collect(
  parts: Pick<Collection, 'rooms' | 'store' | 'locks'>,
  { graceSeconds, untaggedSeconds, signal }: CollectOptions,
): Promise<Collected> {
  const { now, database } = parts.rooms;
  const started = now();
  const startedAt = performance.now();
  const collection: Collection = {
    ...parts,
    signal,
    before: (seconds) => new Date(started.getTime() - seconds * 1000).toISOString(),
  };
  dropExpiredHolds(database);
  const untagged = untaggedSeconds === undefined ? 0 : await collectUntagged(collection, untaggedSeconds);
  const links = await collectLinks(collection, graceSeconds);
  const contents = await collectContents(collection);
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
