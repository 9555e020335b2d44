import type { Actor } from '../access/actor.ts';
import type { AuditEntry } from '../api/administration.ts';

/** What is written down of something that people did and others may ask about. */
export interface NewAuditEntry {
  readonly actor: Actor;
  /** `repository.create`: what it is done to, what is done. */
  readonly action: string;
  /** A name, as people know it. */
  readonly target: string;
  /** The account whose owners may read it. */
  readonly ownerId?: string;
  /** Never a secret. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The entry that a change is written down with, in the change's own transaction: both are there afterwards, or neither. A
 * function where it says what came of the change; it is called once the change is made, and must not wait.
 */
export type Audited<T = void> = NewAuditEntry | ((result: T) => NewAuditEntry);

export interface AuditQuery {
  /** Only what has been done to what is these accounts', or by this user; all when absent. */
  readonly visibleTo?: string | undefined;
  /** The name of an account: what was done to what is its own. */
  readonly owner?: string | undefined;
  /** `tag.delete`, or all of `tag`. */
  readonly action?: string | undefined;
  /** The name of who did it. */
  readonly actor?: string | undefined;
  /** Only what is older than the entry of this id. */
  readonly before?: number | undefined;
  readonly size: number;
}

/** What people did: entries are added, never changed. */
export interface AuditRecords {
  /** For what changes no record: everything else is audited with its change. */
  add(entry: NewAuditEntry): Promise<void>;
  /**
   * Newest first.
   *
   * @param query.visibleTo the id of a user, who sees what is its own doing, and what was done to its account and to the
   *   organisations that it owns (of more than a hundred, of a hundred)
   */
  list(query: AuditQuery): Promise<readonly AuditEntry[]>;
}
