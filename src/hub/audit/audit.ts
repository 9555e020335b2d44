import type { Database } from '#state/database.ts';
import type { Actor } from '../access/actor.ts';

export interface AuditRecord {
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

/** What people did that others may ask about: written in the transaction that does it, never changed. */
export class Audit {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  add({ actor, action, target, ownerId, details = {} }: AuditRecord): void {
    this.#database.run(
      `INSERT INTO audit (at, actor_id, actor, action, target, owner_id, address, details)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      this.#now().toISOString(),
      actor.kind === 'person' ? actor.id : null,
      actor.kind === 'person' ? actor.name : '',
      action,
      target,
      ownerId ?? null,
      actor.address,
      JSON.stringify(details),
    );
  }
}
