import type { Digest } from '#oci/digest.ts';
import type { SizedBlob, Walk } from './collection.ts';

/** A blob's record as a walk came by. One that is deleted, and pushed again, has another. */
export interface BlobRecord extends SizedBlob {
  readonly createdAt: string;
  /** When it was last read whole. */
  readonly checkedAt?: string;
  /** Since when it is known to be bad: it is not served. */
  readonly badAt?: string;
}

/** What was found of a blob's file. */
export type BlobVerdict = 'right' | 'bad';

export interface ManifestContent extends SizedBlob {
  readonly bytes: Uint8Array;
}

/** A manifest's reference to a blob that its repository does not have. */
export interface MissingLink {
  readonly repository: { readonly id: number; readonly fullName: string };
  readonly manifest: Digest;
  readonly target: Digest;
  readonly kind: 'config' | 'layer';
}

/** Something that an implementation's own check of itself finds. */
export interface RecordProblem {
  readonly subject: string;
  readonly problem: string;
}

export interface PrivateUsage {
  readonly repositories: number;
  readonly bytes: number;
}

/** An account whose usage is other than what it has. */
export interface WrongUsage {
  readonly account: string;
  readonly kept: PrivateUsage;
  readonly counted: PrivateUsage;
}

export interface WrongStars {
  readonly repository: string;
  readonly kept: number;
  readonly counted: number;
}

/** What a check holds against everything else, and how it is mended. The Hub goes on meanwhile. */
export interface CheckRecords {
  /** What is wrong with the records as such; nothing when all is well. */
  integrity(): Promise<readonly RecordProblem[]>;

  /**
   * Every blob, in the order of digests.
   *
   * @param options.unreadSince only those that were not read since then
   */
  blobs(options?: Walk & { readonly unreadSince?: string | undefined }): AsyncIterable<BlobRecord>;
  /**
   * Whether a verdict on a blob's file still speaks of the blob that is there: not when it is gone, or was pushed again, or
   * mended by a push since the walk came by.
   */
  stands(blob: BlobRecord, verdict: BlobVerdict): Promise<boolean>;
  /**
   * Writes a verdict down, where it stands: a bad blob is served no more (and keeps the time when that was found), a right
   * one is again.
   *
   * @param options.wasRead it was read whole
   * @returns whether it stands
   */
  judge(blob: BlobRecord, verdict: BlobVerdict, options?: { readonly wasRead?: boolean }): Promise<boolean>;

  /** Every manifest's content, in the order of digests. */
  manifests(options?: Walk): AsyncIterable<ManifestContent>;
  /** Blobs that manifests refer to and their repositories lack. An index may refer to manifests that were deleted. */
  missingLinks(options?: Walk): AsyncIterable<MissingLink>;
  /**
   * Gives the repository its blob again, counted, where the blob is there and its owner's plan has room.
   *
   * @returns whether it lacks it no more
   */
  relink(link: MissingLink): Promise<boolean>;

  /** Accounts whose usage, counted anew, is other than what was kept, by name. */
  wrongUsage(): Promise<readonly WrongUsage[]>;
  /** Counts everyone's usage anew. */
  recountUsage(): Promise<void>;
  /** Repositories whose stars, counted anew, are other than what was kept, by name. */
  wrongStars(): Promise<readonly WrongStars[]>;
  recountStars(): Promise<void>;
}
