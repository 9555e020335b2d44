import type { Database } from '#state/database.ts';
import type { Audited, NewAuditEntry } from '../audit.ts';

/** The audit's entries as changes write them: called in the transaction that makes the change. */
export class Audit {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** What a change is audited with, once it is made. */
  write<T>(audited: Audited<T>, result: T): void {
    this.add(typeof audited === 'function' ? audited(result) : audited);
  }

  add({ actor, action, target, ownerId, details = {} }: NewAuditEntry): void {
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
