import type { Level } from '../api/accounts.ts';
import type { Grant } from '../api/repositories.ts';
import type { Audited } from './audit.ts';
import type { RepositoryKey } from './repositories.ts';

/** Whom a grant is to: a team of the organisation that the repository is of, or a user. */
export type Grantee = Pick<Grant, 'kind' | 'name'>;

/** What teams and users may do in a repository beside its owner. */
export interface GrantRecords {
  /** Teams before users, by name. */
  list(repository: RepositoryKey): Promise<readonly Grant[]>;
  /**
   * Gives a level, in place of another.
   *
   * @throws {EngineError} `notFound` without such a repository, team or user; `conflict` for the owner itself
   */
  set(repository: RepositoryKey, grantee: Grantee, level: Level, audited: Audited): Promise<void>;
  /** @throws {EngineError} `notFound` without such a grant, repository, team or user */
  remove(repository: RepositoryKey, grantee: Grantee, audited: Audited): Promise<void>;
}
