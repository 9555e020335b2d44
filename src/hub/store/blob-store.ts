import type { Digest } from '#oci/digest.ts';
import type { FileRange } from '../http/reply.ts';

export interface AppendOptions {
  /** How long the whole blob may become; more is refused before it is written. */
  readonly most?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** The digest that will be asked for, where it is known: what an empty upload is hashed by as it comes in. */
  readonly algorithm?: 'sha256' | 'sha512';
  /** A commit is to follow: what it would make durable may be made so now. */
  readonly isLast?: boolean;
}

/** A blob on its way in. It outlives the process: `open` finds it again, with all that was acknowledged. */
export interface BlobUpload {
  readonly id: string;
  /** Bytes that are kept. */
  readonly received: number;
  /**
   * Adds bytes at the end; resolves when they are kept. What came before a failure is kept too.
   *
   * @throws {UploadTooLong}; what the source and the signal throw
   * @returns bytes that are kept now
   */
  append(bytes: AsyncIterable<Uint8Array>, options?: AppendOptions): Promise<number>;
  /** The digest of all of it. */
  digest(algorithm: 'sha256' | 'sha512'): Promise<Digest>;
  /** Becomes the blob of that digest, durably, before it resolves; in place of one that is there (the same bytes, or damaged). */
  commit(digest: Digest): Promise<void>;
  /** Drops it. */
  cancel(): Promise<void>;
}

export class UploadTooLong extends Error {}

/** Where blobs' bytes are: a directory, later an object store. Each kind passes the same contract suite. */
export interface BlobStore {
  /** @throws when there is one of that id */
  begin(id: string): Promise<BlobUpload>;
  /** Undefined when there is none; waits for no one who writes to it. */
  open(id: string): Promise<BlobUpload | undefined>;
  /** Ids of uploads that are there. */
  uploads(): AsyncIterable<string>;
  /** Bytes of a blob, to be sent; undefined when there is none. */
  range(
    digest: Digest,
    start?: number,
    length?: number,
  ): Promise<(FileRange & { readonly size: number }) | undefined>;
  read(digest: Digest): AsyncIterable<Uint8Array>;
  /** Nothing happens when there is none. Never at the same time as a commit of the same digest. */
  delete(digest: Digest): Promise<void>;
  /** Every blob. */
  list(): AsyncIterable<{ readonly digest: Digest; readonly size: number }>;
}
