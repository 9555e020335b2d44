import type { RepositoryKey } from './repositories.ts';

/** A manifest as it is served. */
export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What a manifest refers to, and must be in its repository with it. */
export interface ManifestReference {
  readonly kind: 'config' | 'layer' | 'manifest';
  readonly digest: string;
  readonly size: number;
}

export interface PushedManifest extends StoredManifest {
  /** What referrers are filtered by; empty where it says nothing. */
  readonly artifactType: string;
  readonly annotations: Readonly<Record<string, string>>;
  /** Need not be there. */
  readonly subject?: string | undefined;
  /** `os/architecture[/variant]`; empty for what is no image. */
  readonly platform: string;
  readonly references: readonly ManifestReference[];
  /** The name that it gets. */
  readonly tag?: string | undefined;
  /** A user's name. */
  readonly by?: string | undefined;
}

/**
 * What came of a push.
 *
 * - `missing`: the repository lacks these of its references, in their order
 * - `wrongSize`: one of them is there, but has `actual` bytes
 * - `immutable`: the tag is another manifest's (`digest`), and not to be moved
 * - `gone`: there is no such repository
 */
export type ManifestPush =
  | { readonly kind: 'pushed' }
  | { readonly kind: 'missing'; readonly digests: readonly string[] }
  | { readonly kind: 'wrongSize'; readonly reference: ManifestReference; readonly actual: number }
  | { readonly kind: 'immutable'; readonly digest: string }
  | { readonly kind: 'gone' };

/** Manifests, as clients of the registry pull and push them. */
export interface ManifestRecords {
  /** @param reference a tag's name, or a digest (which has a colon) */
  find(repository: RepositoryKey, reference: string): Promise<StoredManifest | undefined>;
  /** Whether a manifest is one of an index that the repository has. */
  isInIndex(repository: RepositoryKey, digest: string): Promise<boolean>;
  /**
   * Takes a manifest, counts it, and names it; the repository is updated then. All that it refers to must be there by then, in
   * the sizes it says (a bad blob is not); of what is wrong with them, a size is told first. Once more is as if for the first time,
   * but that what is known of its document stays.
   *
   * @throws {LimitReached} when the owner's plan has no room for it
   */
  push(repository: RepositoryKey, manifest: PushedManifest): Promise<ManifestPush>;
}
