import type { Audited } from './audit.ts';
import type { RepositoryKey } from './repositories.ts';
import type { Viewer } from './viewer.ts';

/** What became of a blob that was to go from a repository; `manifest` is the digest of one there that has it, and is to go first. */
export type BlobRemoval =
  | { readonly kind: 'removed' }
  | { readonly kind: 'missing' }
  | { readonly kind: 'kept'; readonly manifest: string };

/** Where a blob is looked for that a repository is to have too: in these repositories, or in any that someone may see. */
export type BlobSource = { readonly repositories: readonly RepositoryKey[] } | { readonly seenBy: Viewer };

/** Blobs that repositories have: pushed to them (`UploadRecords`), or mounted from others. */
export interface BlobRecords {
  /**
   * What a repository has by a digest; undefined also where the bytes are known to be bad.
   *
   * @param options.renews it is a pusher that asks, and is to find it later too: a collection takes it for as young as if it
   *   was pushed now, give or take 30 s
   */
  find(
    repository: RepositoryKey,
    digest: string,
    options?: { readonly renews?: boolean },
  ): Promise<{ readonly size: number } | undefined>;
  /**
   * Gives a repository a blob that is somewhere else; counted as if it was pushed, and as young.
   *
   * @returns whether it is found: not where it is bad, nor when the repository is gone
   * @throws {LimitReached} when the owner's plan has no room for it
   */
  mount(repository: RepositoryKey, digest: string, from: BlobSource): Promise<boolean>;
  /** Takes a blob from one repository; one that a manifest there refers to stays, for that would break it. */
  remove(repository: RepositoryKey, digest: string, audited: Audited): Promise<BlobRemoval>;
  /** A blob's bytes are not what they were: from now on no repository has it, until a push brings it again. */
  markBad(digest: string): Promise<void>;
}
