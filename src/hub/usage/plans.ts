import { randomBytes } from 'node:crypto';
import { conflict, invalid, notFound } from '#base/errors.ts';
import type { Actor } from '../access/actor.ts';
import type { Plan } from '../api/accounts.ts';
import type { PlanChange } from '../api/administration.ts';
import type { HubRooms } from '../rooms.ts';

export interface PlanRow {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly private_repositories: number | null;
  readonly private_bytes: number | null;
  readonly pulls_per_hour: number | null;
  readonly is_default: number;
}

export const planColumns =
  'p.id, p.name, p.description, p.private_repositories, p.private_bytes, p.pulls_per_hour, p.is_default';

export const planOf = (row: PlanRow): Plan => ({
  ...{ id: row.id, name: row.name, description: row.description, isDefault: row.is_default === 1 },
  ...(row.private_repositories !== null && { privateRepositories: row.private_repositories }),
  ...(row.private_bytes !== null && { privateBytes: row.private_bytes }),
  ...(row.pulls_per_hour !== null && { pullsPerHour: row.pulls_per_hour }),
});

/** What accounts may keep to themselves, and pull. Plans are records: administrators make, change and give them. */
export class Plans {
  readonly #rooms: HubRooms;
  readonly #changed: () => void;

  /** @param changed called when what someone may has changed */
  constructor(rooms: HubRooms, changed: () => void) {
    this.#rooms = rooms;
    this.#changed = changed;
  }

  list(): readonly Plan[] {
    return this.#rooms.database
      .all<PlanRow>(`SELECT ${planColumns} FROM plan p ORDER BY p.position, p.name`)
      .map(planOf);
  }

  /** @throws {EngineError} `notFound` */
  get(id: string): Plan {
    const row = this.#rooms.database.get<PlanRow>(`SELECT ${planColumns} FROM plan p WHERE p.id = ?`, id);
    if (row === undefined) throw notFound('plan', id);
    return planOf(row);
  }

  /** No limit where none is given. @throws {EngineError} `invalid`, `conflict` */
  create(actor: Actor, change: PlanChange): Plan {
    const { database, audit } = this.#rooms;
    const id = randomBytes(8).toString('hex');
    const { name = checkName(''), ...columns } = checkPlan(change);
    return this.#change(() => {
      database.run(
        `INSERT INTO plan (id, name, position)
           VALUES (?, ?, (SELECT coalesce(max(position), 0) + 1 FROM plan))`,
        ...[id, this.#freeName(id, name)],
      );
      this.#set(id, columns);
      audit.add({ actor, action: 'plan.create', target: name, details: change });
      return this.get(id);
    });
  }

  /** Changes what is given. What accounts hold already stays, also where it is more than it allows now. @throws {EngineError} */
  change(actor: Actor, id: string, change: PlanChange): Plan {
    const columns = checkPlan(change);
    return this.#change(() => {
      const plan = this.get(id);
      if (plan.isDefault && change.isDefault === false)
        throw conflict('There must be a default plan: make another the default');
      if (columns.name !== undefined) this.#freeName(id, columns.name);
      this.#set(id, columns);
      this.#rooms.audit.add({ actor, action: 'plan.change', target: plan.name, details: change });
      return this.get(id);
    });
  }

  /** @throws {EngineError} `notFound`; `conflict` for the default one, and while an account has it */
  remove(actor: Actor, id: string): void {
    const { database, audit } = this.#rooms;
    this.#change(() => {
      const plan = this.get(id);
      if (plan.isDefault) throw conflict(`${plan.name} is the default plan`);
      if (database.get('SELECT 1 FROM account WHERE plan_id = ? LIMIT 1', id) !== undefined)
        throw conflict(`There are accounts with the plan ${plan.name}`);
      database.run('DELETE FROM plan WHERE id = ?', id);
      audit.add({ actor, action: 'plan.delete', target: plan.name });
    });
  }

  /** @throws {EngineError} `notFound` */
  give(actor: Actor, accountName: string, planId: string): void {
    const { database, audit } = this.#rooms;
    this.#change(() => {
      const plan = this.get(planId);
      const account = database.get<{ id: string }>(
        'UPDATE account SET plan_id = ? WHERE name = ? RETURNING id',
        ...[planId, accountName],
      );
      if (account === undefined) throw notFound('account', accountName);
      audit.add({
        ...{ actor, action: 'plan.give', target: accountName, ownerId: account.id },
        details: { plan: plan.name },
      });
    });
  }

  #change<T>(change: () => T): T {
    const result = this.#rooms.database.transaction(change);
    this.#changed();
    return result;
  }

  #freeName(id: string, name: string): string {
    const other = 'SELECT 1 FROM plan WHERE name = ? AND id <> ?';
    if (this.#rooms.database.get(other, name, id) !== undefined)
      throw conflict(`There is a plan ${name} already`);
    return name;
  }

  #set(id: string, columns: Partial<Columns>): void {
    const { database } = this.#rooms;
    if (columns.is_default === 1) database.run('UPDATE plan SET is_default = 0');
    for (const [column, value] of Object.entries(columns))
      database.run(`UPDATE plan SET ${column} = ? WHERE id = ?`, value, id);
  }
}

type Columns = Omit<PlanRow, 'id'>;

/** @throws {EngineError} `invalid` naming the field */
function checkPlan(change: PlanChange): Partial<Columns> {
  const { name, description, privateRepositories, privateBytes, pullsPerHour, isDefault } = change;
  if (description !== undefined && [...description].length > 255)
    throw invalid("A plan's description has at most 255 characters");
  return {
    ...(name !== undefined && { name: checkName(name) }),
    ...(description !== undefined && { description }),
    ...(privateRepositories !== undefined && {
      private_repositories: checkLimit('privateRepositories', privateRepositories),
    }),
    ...(privateBytes !== undefined && { private_bytes: checkLimit('privateBytes', privateBytes) }),
    ...(pullsPerHour !== undefined && { pulls_per_hour: checkLimit('pullsPerHour', pullsPerHour) }),
    ...(isDefault === true && { is_default: 1 }),
  };
}

function checkName(name: string): string {
  if (!/^[^\p{Cc}]{1,60}$/u.test(name.trim())) throw invalid("A plan's name has 1 to 60 characters");
  return name.trim();
}

/** -1 is no limit. @throws {EngineError} `invalid` */
function checkLimit(field: string, value: number): number | null {
  if (!Number.isSafeInteger(value) || value < -1)
    throw invalid(`${field} must be a whole number from 0, or -1 for no limit`);
  return value === -1 ? null : value;
}
