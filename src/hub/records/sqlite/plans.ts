import { conflict, notFound } from '#base/errors.ts';
import type { Value } from '#state/database.ts';
import type { Plan } from '../../api/accounts.ts';
import type { Audited } from '../audit.ts';
import type { PlanChoice, PlanDescription, PlanRecords } from '../plans.ts';
import type { SqliteParts } from './parts.ts';
import { type PlanRow, planColumns, planOf } from './plan-row.ts';

type Change = Parameters<PlanRecords['change']>[1];

export class SqlitePlans implements PlanRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async list(): Promise<readonly Plan[]> {
    return this.#parts.database
      .all<PlanRow>(`SELECT ${planColumns} FROM plan p ORDER BY p.position, p.name`)
      .map(planOf);
  }

  async create({ id, ...plan }: Parameters<PlanRecords['create']>[0], audited: Audited): Promise<Plan> {
    const { database, audit } = this.#parts;
    return database.transaction(() => {
      this.#checkNameFree(plan.name);
      database.run(
        `INSERT INTO plan (id, name, position)
           VALUES (?, ?, (SELECT coalesce(max(position), 0) + 1 FROM plan))`,
        ...[id, plan.name],
      );
      this.#set(id, plan);
      audit.write(audited, undefined);
      return this.#get(id);
    });
  }

  async change(id: string, change: Change, audited: Audited<Plan>): Promise<Plan> {
    const { database, audit } = this.#parts;
    return database.transaction(() => {
      const before = this.#get(id);
      if (before.isDefault && change.isDefault === false)
        throw conflict('There must be a default plan: make another the default');
      if (change.name !== undefined) this.#checkNameFree(change.name, id);
      this.#set(id, change);
      audit.write(audited, before);
      return this.#get(id);
    });
  }

  async remove(id: string, audited: Audited<Plan>): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const plan = this.#get(id);
      if (plan.isDefault) throw conflict(`${plan.name} is the default plan`);
      if (database.get('SELECT 1 FROM account WHERE plan_id = ? LIMIT 1', id) !== undefined)
        throw conflict(`There are accounts with the plan ${plan.name}`);
      database.run('DELETE FROM plan WHERE id = ?', id);
      audit.write(audited, plan);
    });
  }

  async give(
    { accountName, planId }: PlanChoice,
    audited: Audited<{ readonly plan: Plan; readonly accountId: string }>,
  ): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const plan = this.#get(planId);
      const account = database.get<{ id: string }>(
        'UPDATE account SET plan_id = ? WHERE name = ? RETURNING id',
        ...[planId, accountName],
      );
      if (account === undefined) throw notFound('account', accountName);
      audit.write(audited, { plan, accountId: account.id });
    });
  }

  async pullsPerHour(accountId: string): Promise<number | undefined> {
    const row = this.#parts.database.get<{ unlimited: number; most: number | null }>(
      `SELECT max(p.pulls_per_hour IS NULL) AS unlimited, max(p.pulls_per_hour) AS most
         FROM account a JOIN plan p ON p.id = a.plan_id
        WHERE a.id = ?1 OR a.id IN (SELECT organisation_id FROM member WHERE user_id = ?1)`,
      accountId,
    )!;
    return row.unlimited === 1 ? undefined : (row.most ?? 0);
  }

  /** @throws {EngineError} `notFound` */
  #get(id: string): Plan {
    const row = this.#parts.database.get<PlanRow>(`SELECT ${planColumns} FROM plan p WHERE p.id = ?`, id);
    if (row === undefined) throw notFound('plan', id);
    return planOf(row);
  }

  /** @param but the plan that may have it */
  #checkNameFree(name: string, but = ''): void {
    const other = 'SELECT 1 FROM plan WHERE name = ? AND id <> ?';
    if (this.#parts.database.get(other, name, but) !== undefined)
      throw conflict(`There is a plan ${name} already`);
  }

  #set(id: string, change: Change): void {
    const { database } = this.#parts;
    if (change.isDefault === true) database.run('UPDATE plan SET is_default = 0');
    for (const [column, value] of columnsOf(change))
      database.run(`UPDATE plan SET ${column} = ? WHERE id = ?`, value, id);
  }
}

const limits = [
  ['private_repositories', 'privateRepositories'],
  ['private_bytes', 'privateBytes'],
  ['pulls_per_hour', 'pullsPerHour'],
] as const satisfies readonly (readonly [keyof PlanRow, keyof PlanDescription])[];

function columnsOf(change: Change): (readonly [keyof PlanRow, Value])[] {
  const columns: (readonly [keyof PlanRow, Value])[] = [];
  if (change.name !== undefined) columns.push(['name', change.name]);
  if (change.description !== undefined) columns.push(['description', change.description]);
  if (change.isDefault === true) columns.push(['is_default', 1]);
  for (const [column, field] of limits) {
    const limit = change[field];
    if (limit !== undefined) columns.push([column, limit === 'none' ? null : limit]);
  }
  return columns;
}
