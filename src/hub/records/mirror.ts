import type { Digest } from '#oci/digest.ts';
import type { SizedBlob } from './collection.ts';

export interface MirrorTag {
  readonly digest: Digest;
  /** When upstream last said so. */
  readonly checkedAt: string;
}

export interface MirrorManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/**
 * What the pull-through cache has of its upstream. It is nobody's, and in nobody's usage. A manifest or a blob is kept once, and
 * is there for the repositories (by their names upstream) that were seen to have it. Being asked for is use, of manifests and
 * of blobs; it is recorded to the minute.
 */
export interface MirrorRecords {
  tag(name: string, tag: string): Promise<MirrorTag | undefined>;
  /**
   * Upstream says that the tag still names that.
   *
   * @returns false, and nothing is done, when it is not known to, or no more
   */
  confirmTag(name: string, tag: string, digest: Digest): Promise<boolean>;
  /** Only what the repository was seen to have. */
  manifest(name: string, digest: Digest): Promise<MirrorManifest | undefined>;
  /** @param tag what names it there, in place of what that named before */
  putManifest(name: string, manifest: MirrorManifest, tag?: string): Promise<void>;
  /** The size of a blob that the repository was seen to have. */
  blobSize(name: string, digest: Digest): Promise<number | undefined>;
  /** A blob's file is there. @param names of the repositories that were seen to have it */
  putBlob(blob: SizedBlob, names: readonly string[]): Promise<void>;
  /** A blob's file is not there. */
  dropBlob(digest: Digest): Promise<void>;
  /** Which of these blobs no record has. */
  unknownBlobs(digests: readonly Digest[]): Promise<readonly Digest[]>;
  /**
   * Takes out manifests that nobody asked for since, with the tags that name them: a batch, the ones longest unused.
   *
   * @returns how many; 0 once there are no more
   */
  dropManifests(before: string): Promise<number>;
  /**
   * Takes out blobs that nobody asked for since `before`; then the ones longest unused while all are more than `maxBytes`: a
   * batch.
   *
   * @returns them, whose files are to go; none once nothing has to go any more
   */
  dropBlobs(limits: { readonly before: string; readonly maxBytes: number }): Promise<readonly SizedBlob[]>;
}
