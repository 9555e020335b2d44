import type { RepositoryKey } from './repositories.ts';
import type { Viewer } from './viewer.ts';

/** What comes after a name, in the order of names byte by byte. */
export interface After {
  /** `''` for the first. */
  readonly after: string;
  /** So many at most, from 1. */
  readonly size: number;
}

export interface Listed<T> {
  readonly items: readonly T[];
  /** There are more after the last of them. */
  readonly hasMore: boolean;
}

export interface ReferrerRecord {
  readonly digest: string;
  readonly mediaType: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of the manifest itself. */
  readonly size: number;
}

/** What clients of the registry walk through, a page after the other. */
export interface ListRecords {
  /** The names of a repository's tags. */
  tags(repository: RepositoryKey, page: After): Promise<Listed<string>>;
  /** The whole names of repositories that someone may see. */
  repositories(viewer: Viewer, page: After): Promise<Listed<string>>;
  /**
   * Manifests that are about another, by digest.
   *
   * @param query.artifactType only those of it; all where it is empty
   * @param query.mostBytes of annotations in a page, unless the first has more
   */
  referrers(
    repository: RepositoryKey,
    query: After & {
      readonly subject: string;
      readonly artifactType: string;
      readonly mostBytes: number;
    },
  ): Promise<Listed<ReferrerRecord>>;
}
