import type { Visibility } from '../api/accounts.ts';
import type { RepositorySummary } from '../api/repositories.ts';
import type { Audited } from './audit.ts';
import type { Viewer } from './viewer.ts';

/** What decisions and routes need of a repository. */
export interface RepositoryRecord {
  readonly id: number;
  readonly ownerId: string;
  /** `owner/name` */
  readonly fullName: string;
  readonly visibility: Visibility;
  /** Patterns with `*` and `?`. */
  readonly immutableTags: readonly string[];
}

/** Which repository: one that was deleted since is not there, even where another has its name. */
export type RepositoryKey = Pick<RepositoryRecord, 'id' | 'fullName'>;

export interface NewRepository {
  readonly ownerId: string;
  /** Begins with its owner's name. */
  readonly fullName: string;
  readonly visibility: Visibility;
  readonly description: string;
}

/** What is absent stays as it is. */
export interface RepositorySettings {
  readonly visibility?: Visibility | undefined;
  readonly description?: string | undefined;
  /** Markdown. */
  readonly overview?: string | undefined;
  readonly immutableTags?: readonly string[] | undefined;
}

/** What one page says of a repository. */
export interface RepositoryDescription extends RepositorySummary {
  readonly createdAt: string;
  readonly pulledAt?: string;
  /** Markdown. */
  readonly overview: string;
  readonly isStarred: boolean;
  /** How many. */
  readonly tags: number;
  /** Of its blobs and manifests. */
  readonly bytes: number;
}

export type RepositorySort = 'name' | 'updated' | 'pulls';

export interface RepositoryQuery {
  /** The name of an account: only its own. */
  readonly owner?: string | undefined;
  /** The id of a user: only what it has starred. */
  readonly starredBy?: string | undefined;
  readonly sort: RepositorySort;
  readonly offset: number;
  readonly size: number;
  /** Counting stops here, and so do pages. */
  readonly most: number;
}

/** What whoever keeps a Hub sees of each repository. */
export interface RepositoryTotals {
  readonly name: string;
  readonly visibility: Visibility;
  readonly tags: number;
  /** Of its blobs. */
  readonly bytes: number;
  readonly pulls: number;
  readonly updatedAt: string;
}

/** Repositories, as they are made, described, listed and deleted. */
export interface RepositoryRecords {
  /**
   * An empty one.
   *
   * @throws {EngineError} `conflict` when there is one of that name; `notFound` without such an owner
   * @throws {LimitReached} when it is private, and its owner's plan has no room for another
   */
  create(repository: NewRepository, audited: Audited): Promise<RepositoryRecord>;
  /** @param userId whose star `isStarred` is about; undefined for a stranger. @throws {EngineError} `notFound` */
  describe(repository: RepositoryKey, userId: string | undefined): Promise<RepositoryDescription>;
  /**
   * Those that the viewer may see, by name, or by update or pulls with the newest or the most first.
   *
   * @returns a page of them, and how many there are, at most `most`
   */
  list(
    viewer: Viewer,
    query: RepositoryQuery,
  ): Promise<{ readonly items: readonly RepositorySummary[]; readonly total: number }>;
  /** All, by name. */
  totals(): AsyncIterable<RepositoryTotals>;
  /**
   * It is updated then, and what its owner's plan counts is what it is by the new visibility.
   *
   * @throws {EngineError} `notFound`
   * @throws {LimitReached} when it is to be private, and its owner's plan has no room for it or for what it holds
   */
  change(repository: RepositoryKey, settings: RepositorySettings, audited: Audited): Promise<void>;
  /** With all that is in it or about it. @param audited is told what it was. @throws {EngineError} `notFound` */
  remove(repository: RepositoryKey, audited: Audited<RepositoryRecord>): Promise<void>;
}
