import type { Referrer } from '../api/repositories.ts';
import type { Audited } from './audit.ts';
import type { Removal } from './removal.ts';
import type { RepositoryKey } from './repositories.ts';

/** All that is known of a manifest where it is. */
export interface ManifestRecord {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType?: string;
  /** Of its config and layers. */
  readonly totalSize: number;
  /** `os/architecture[/variant]`, of an image. */
  readonly platform?: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly pushedAt: string;
  /** A user's name. */
  readonly pushedBy?: string;
  readonly bytes: Uint8Array;
  /** The names of its tags, in order. */
  readonly tags: readonly string[];
  /** By digest: those of the manifests that it is an index of that the repository has. */
  readonly images: ReadonlyMap<string, { readonly totalSize: number; readonly platform: string }>;
  /** The latest first. */
  readonly referrers: readonly Referrer[];
}

/** What repositories hold, as people look into it. */
export interface ContentRecords {
  /**
   * @param wanted.reference a tag's name, or a digest (which has a colon)
   * @param wanted.mostReferrers so many of them at most
   * @returns undefined when the repository has none of it
   */
  manifest(
    repository: RepositoryKey,
    wanted: { readonly reference: string; readonly mostReferrers: number },
  ): Promise<ManifestRecord | undefined>;
  /**
   * Takes a manifest from a repository, and its tags. Its blobs stay linked until a collection finds that no other manifest has
   * them; what other repositories have is theirs.
   *
   * @param audited is told the names of the tags that went with it
   */
  removeManifest(
    repository: RepositoryKey,
    digest: string,
    audited: Audited<readonly string[]>,
  ): Promise<Removal>;
}
