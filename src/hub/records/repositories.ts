import type { Visibility } from '../api/accounts.ts';
import type { Audited } from './audit.ts';

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

export interface NewRepository {
  readonly ownerId: string;
  /** Begins with its owner's name. */
  readonly fullName: string;
  readonly visibility: Visibility;
  readonly description: string;
}

/** Repositories, as they are made, described and deleted. */
export interface RepositoryRecords {
  /**
   * An empty one.
   *
   * @throws {EngineError} `conflict` when there is one of that name; `notFound` without such an owner
   * @throws {LimitReached} when it is private, and its owner's plan has no room for another
   */
  create(repository: NewRepository, audited: Audited): Promise<RepositoryRecord>;
}
