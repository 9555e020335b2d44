import type { Database, Value } from '#state/database.ts';
import type { Person } from '../access/actor.ts';
import type { AuditEntry } from '../api/administration.ts';

/** Of a person's organisations, so many are looked into. */
const mostAccounts = 100;

export interface Asked {
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

interface Row extends Omit<AuditEntry, 'details'> {
  readonly details: string;
}

/**
 * What was done, newest first: to administrators all; to others what they did themselves, and what was done to what is their
 * account's or that of an organisation they own.
 */
export function readAudit(database: Database, person: Person, asked: Asked): readonly AuditEntry[] {
  const values: Value[] = [];
  const next = (value: Value): string => `?${values.push(value)}`;
  const conditions = conditionsOf(asked, next);
  const scopes = person.isAdmin
    ? ['1']
    : [
        `actor_id = ${next(person.id)}`,
        ...accountsOf(database, person.id).map((id) => `owner_id = ${next(id)}`),
      ];
  const most = next(asked.size);
  // each by its own index, so that none walks more than it shows
  const newest = scopes.map(
    (scope) =>
      `SELECT id FROM (SELECT id FROM audit WHERE ${[scope, ...conditions].join(' AND ')} ORDER BY id DESC LIMIT ${most})`,
  );
  return database
    .all<Row>(
      `SELECT id, at, actor, action, target, address, details FROM audit
        WHERE id IN (${newest.join(' UNION ')}) ORDER BY id DESC LIMIT ${most}`,
      ...values,
    )
    .map((row) => ({ ...row, details: JSON.parse(row.details) as AuditEntry['details'] }));
}

const conditionsOf = (
  { owner, action, actor, before }: Asked,
  next: (value: Value) => string,
): readonly string[] => [
  ...(owner === undefined ? [] : [`owner_id = (SELECT id FROM account WHERE name = ${next(owner)})`]),
  ...(action === undefined
    ? []
    : [`(action = ${next(action)} OR action GLOB ${next(`${plain(action)}.*`)})`]),
  ...(actor === undefined ? [] : [`actor = ${next(actor)}`]),
  ...(before === undefined ? [] : [`id < ${next(before)}`]),
];

const plain = (text: string): string => text.replace(/[*?[\]]/g, '');

const accountsOf = (database: Database, personId: string): readonly string[] => [
  personId,
  ...database
    .all<{ id: string }>(
      `SELECT organisation_id AS id FROM member WHERE user_id = ? AND role = 'owner' LIMIT ${mostAccounts}`,
      personId,
    )
    .map(({ id }) => id),
];
