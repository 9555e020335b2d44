import type { Digest } from '#oci/digest.ts';

/** Of what goes on for long, a batch at a time: it ends when told to, with what was done until then done. */
export interface Walk {
  readonly signal?: AbortSignal | undefined;
}

export interface OldOnly extends Walk {
  /** What is as young as this or younger stays. */
  readonly before: string;
}

export interface SizedBlob {
  readonly digest: Digest;
  readonly size: number;
}

export interface IdleUpload {
  readonly id: string;
  /** Bytes that it had when it was last recorded. */
  readonly received: number;
}

/**
 * What nothing refers to, as collections let go of it while pushes go on. A walk looks at a batch of records at a time and
 * keeps nobody up; what goes, goes in an operation that looks again, so that what a push came to need meanwhile stays. Usage
 * is exact at every moment.
 */
export interface CollectionRecords {
  /**
   * Repositories' links to blobs that no manifest there refers to: of uploads whose manifest never came, and what deleted
   * manifests had.
   *
   * @returns how many went
   */
  dropUnreferencedLinks(options: OldOnly): Promise<number>;
  /**
   * Manifests that one can only name by digest: without a tag, without an index there that has them, and about nothing that is
   * there. What such a manifest had is untagged after it, and goes too when it is old enough.
   *
   * @returns how many went
   */
  dropUntagged(options: OldOnly): Promise<number>;
  /** Contents of manifests that no repository has. @returns how many went */
  dropContents(options?: Walk): Promise<number>;

  /** Blobs that no repository had when the walk came by. */
  unlinkedBlobs(options?: Walk): AsyncIterable<SizedBlob>;
  /**
   * A blob's record, before its file. The caller has the digest's lock, so that no upload becomes that blob meanwhile.
   *
   * @returns false when it stays: a repository has it, someone holds the blobs' files, or it is gone
   */
  dropBlob(digest: Digest): Promise<boolean>;
  /** Which of these no record has. */
  unknownBlobs(digests: readonly Digest[]): Promise<readonly Digest[]>;

  /** Uploads that nothing is known to have come to since. */
  idleUploads(options: OldOnly): AsyncIterable<IdleUpload>;
  /** An upload's record, before its bytes. @returns false when it stays: bytes came, or it is gone */
  dropUpload(id: string, before: string): Promise<boolean>;
  /** Which of these no record has. */
  unknownUploads(ids: readonly string[]): Promise<readonly string[]>;
}
