import type { Tag } from '../api/repositories.ts';
import type { Audited } from './audit.ts';
import type { Removal } from './removal.ts';
import type { RepositoryKey } from './repositories.ts';

/** An attestation's platform (`unknown/…`) is none. */
export type TagRecord = Omit<Tag, 'isImmutable'>;

/** A repository's tags, as people see them. */
export interface TagRecords {
  /**
   * The one that was set last first; by name among those of one time.
   *
   * @param query.text in whatever case, has to be in the name
   * @returns a page of them, and how many there are
   */
  list(
    repository: RepositoryKey,
    query: { readonly text: string; readonly offset: number; readonly size: number },
  ): Promise<{ readonly items: readonly TagRecord[]; readonly total: number }>;
  /**
   * Takes a name away; what it named stays. A name that a pattern of immutable tags has is kept, whether it is there or not.
   *
   * @param audited is told the digest
   */
  remove(repository: RepositoryKey, name: string, audited: Audited<string>): Promise<Removal>;
}
