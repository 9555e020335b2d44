import type { Audited } from './audit.ts';
import type { Removal } from './removal.ts';
import type { RepositoryKey } from './repositories.ts';

export interface TagRecord {
  readonly name: string;
  readonly digest: string;
  readonly mediaType: string;
  readonly updatedAt: string;
  /** A user's name. */
  readonly updatedBy?: string;
  /** Bytes to pull: of the largest image where it names an index. */
  readonly size: number;
  /** Of the images, each once, in order; an attestation's (`unknown/…`) is none. */
  readonly platforms: readonly string[];
}

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
