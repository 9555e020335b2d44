import type { Audited } from './audit.ts';
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

/** What became of a tag that was to go: it was not there, or a pattern of immutable tags has it, whether it was there or not. */
export type TagRemoval = 'removed' | 'missing' | 'immutable';

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
  /** Takes a name away; what it named stays. @param audited is told the digest */
  remove(repository: RepositoryKey, name: string, audited: Audited<string>): Promise<TagRemoval>;
}
