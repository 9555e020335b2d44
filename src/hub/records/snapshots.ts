import type { Digest } from '#oci/digest.ts';
import type { Records } from './index.ts';

export interface BlobTotals {
  readonly blobs: number;
  readonly bytes: number;
}

/** Blobs that did not come with a backup. */
export interface Settled {
  /** All that are not there to be served, in order. */
  readonly bad: readonly Digest[];
  /** Of these, the ones that were right when the backup was made. */
  readonly lost: readonly Digest[];
}

/**
 * Opens a file that `SnapshotRecords.take` wrote, also one of an earlier version, brought up to this one.
 *
 * @throws {EngineError} `invalid` for what is none, or is damaged
 */
export type OpenSnapshot = (path: string) => Promise<Records>;

/** All records in one file, as they are at one moment; and, of records that were opened of such a file, what became of their blobs. */
export interface SnapshotRecords {
  /**
   * Writes a snapshot into a file that is not there: everything but what belongs to the running Hub alone (uploads, holds,
   * failed attempts, the keys that it signs with, of which no byte is in the file, and what its mirror can fetch again). Nothing else may be answered until it is written.
   *
   * @returns the snapshot, open to be read; it is whole in its file alone, and stays there when it is closed
   */
  take(path: string): Promise<Records>;
  /** Of all blobs that are recorded. */
  blobTotals(): Promise<BlobTotals>;

  /** Whether a blob of that size is recorded. */
  knowsBlob(blob: { readonly digest: Digest; readonly size: number }): Promise<boolean>;
  /** A blob's file came, whole and right. @param at the restore's own time, the same for all its blobs */
  blobCame(digest: Digest, at: string): Promise<void>;
  /** After the last: what did not come is bad, and nothing is under way. */
  settle(at: string): Promise<Settled>;
}
