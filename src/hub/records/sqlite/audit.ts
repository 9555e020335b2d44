import type { Database, Value } from '#state/database.ts';
import type { AuditEntry } from '../../api/administration.ts';
import type { Audited, AuditQuery, AuditRecords, NewAuditEntry } from '../audit.ts';
import type { SqliteParts } from './parts.ts';

/** Of a person's organisations, so many are looked into. */
const mostOrganisations = 100;

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

interface EntryRow extends Omit<AuditEntry, 'details'> {
  readonly details: string;
}

export class SqliteAudit implements AuditRecords {
  readonly #database: Database;
  readonly #audit: Audit;

  constructor({ database, audit }: SqliteParts) {
    this.#database = database;
    this.#audit = audit;
  }

  async add(entry: NewAuditEntry): Promise<void> {
    this.#audit.add(entry);
  }

  async list(query: AuditQuery): Promise<readonly AuditEntry[]> {
    const values: Value[] = [];
    const next = (value: Value): string => `?${values.push(value)}`;
    const conditions = conditionsOf(query, next);
    const most = next(query.size);
    // each by its own index, so that none walks more than it shows
    const newest = this.#scopes(query.visibleTo, next).map(
      (scope) =>
        `SELECT id FROM (SELECT id FROM audit WHERE ${[scope, ...conditions].join(' AND ')} ORDER BY id DESC LIMIT ${most})`,
    );
    return this.#database
      .all<EntryRow>(
        `SELECT id, at, actor, action, target, address, details FROM audit
          WHERE id IN (${newest.join(' UNION ')}) ORDER BY id DESC LIMIT ${most}`,
        ...values,
      )
      .map((row) => ({ ...row, details: JSON.parse(row.details) as AuditEntry['details'] }));
  }

  #scopes(userId: string | undefined, next: (value: Value) => string): readonly string[] {
    if (userId === undefined) return ['1'];
    const organisations = this.#database.all<{ id: string }>(
      `SELECT organisation_id AS id FROM member WHERE user_id = ? AND role = 'owner' LIMIT ${mostOrganisations}`,
      userId,
    );
    return [
      `actor_id = ${next(userId)}`,
      ...[userId, ...organisations.map(({ id }) => id)].map((id) => `owner_id = ${next(id)}`),
    ];
  }
}

const conditionsOf = (
  { owner, action, actor, before }: AuditQuery,
  next: (value: Value) => string,
): readonly string[] => [
  ...(owner === undefined ? [] : [`owner_id = (SELECT id FROM account WHERE name = ${next(owner)})`]),
  ...(action === undefined ? [] : [isAction(next(action), next(`${action}.`))]),
  ...(actor === undefined ? [] : [`actor = ${next(actor)}`]),
  ...(before === undefined ? [] : [`id < ${next(before)}`]),
];

/** Compared to the letter: what was asked for may have characters that patterns read otherwise. */
const isAction = (whole: string, beginning: string): string =>
  `(action = ${whole} OR substr(action, 1, length(${beginning})) = ${beginning})`;
