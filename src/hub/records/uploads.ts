import type { IdleUpload } from './collection.ts';
import type { RepositoryKey } from './repositories.ts';

export interface NewUpload {
  readonly id: string;
  /** Who pushes. */
  readonly accountId?: string | undefined;
}

export interface FinishedUpload {
  readonly id: string;
  readonly digest: string;
  /** Bytes of the whole. */
  readonly size: number;
}

/** What the plan of a private repository's owner leaves, in bytes. */
export interface PlanRoom {
  readonly ownerName: string;
  readonly allowed: number;
  /** What its private repositories hold. */
  readonly held: number;
  /** What is known to have come by uploads into them that are not finished: all of them, or all others. */
  readonly unfinished: number;
  /** The size of the blob that was asked about, where the owner holds it already, so that it needs no more room. */
  readonly heldSize?: number;
}

/** Blobs on their way into repositories. Their bytes are elsewhere (`BlobStore`), by the same id. */
export interface UploadRecords {
  /**
   * @param options.most as many of one account as a repository has at a time
   * @returns `tooMany` when there are that many; `gone` when there is no such repository
   */
  begin(
    repository: RepositoryKey,
    upload: NewUpload,
    options: { readonly most: number },
  ): Promise<'begun' | 'tooMany' | 'gone'>;
  /** Whether an upload is under way into that repository. */
  has(repository: RepositoryKey, id: string): Promise<boolean>;
  /** So many bytes of it are there: it is not one that is given up. Nothing happens when it is gone. */
  advance(id: string, received: number): Promise<void>;
  /** Nothing happens when it is gone. */
  remove(id: string): Promise<void>;
  /**
   * Its bytes are a blob now: the repository has it, counted, and good, also where it was bad before. Whatever comes of it, it is
   * no upload any more. The caller has the digest's lock, so that no collection takes the blob meanwhile.
   *
   * @returns `gone` when there is no such repository
   * @throws {LimitReached} when the owner's plan has no room for it
   */
  finish(repository: RepositoryKey, upload: FinishedUpload): Promise<'stored' | 'gone'>;
  /**
   * What room there is for what is pushed to a repository; undefined where its plan sets no limit, or none to what is public.
   *
   * @param about.uploadId one that is not to be counted as unfinished
   * @param about.digest of what is to come
   */
  room(
    repository: RepositoryKey,
    about?: { readonly uploadId?: string | undefined; readonly digest?: string | undefined },
  ): Promise<PlanRoom | undefined>;
  /**
   * Those that leave a private repository's owner less room, and that nothing is known to have come to since: the longest ago
   * first, 100 at most.
   *
   * @param options.but the id of one that is not told
   */
  idle(
    repository: RepositoryKey,
    options: { readonly before: string; readonly but?: string | undefined },
  ): Promise<readonly IdleUpload[]>;
}
