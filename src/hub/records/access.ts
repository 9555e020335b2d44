import type { Level, Role } from '../api/accounts.ts';
import type { RepositoryRecord } from './repositories.ts';

/** A repository, and what a user has there without what its visibility gives. */
export interface Standing {
  readonly repository: RepositoryRecord;
  readonly granted: Level | 'none';
}

/** What decisions need. Asked with every request: nothing is remembered, so that a right that is taken away is gone. */
export interface AccessRecords {
  /**
   * A repository by its whole name, with the most that a user has there as its owner (admin), by an organisation's role
   * (owner: admin, editor: write), by a team's grant or by one of its own. Undefined when there is none: the same is looked
   * up in vain then, so that it takes as long.
   *
   * @param userId undefined for a stranger
   */
  standing(userId: string | undefined, fullName: string): Promise<Standing | undefined>;
  /** What a user is in an organisation. */
  role(organisationId: string, userId: string): Promise<Role | undefined>;
}
