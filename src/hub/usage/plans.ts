import { randomBytes } from 'node:crypto';
import { invalid } from '#base/errors.ts';
import type { Actor } from '../access/actor.ts';
import type { Plan } from '../api/accounts.ts';
import type { PlanChange } from '../api/administration.ts';
import type { Limit, PlanDescription, PlanRecords } from '../records/index.ts';

/** What accounts may keep to themselves, and pull. Plans are records: administrators make, change and give them. */
export class Plans {
  readonly #records: PlanRecords;
  readonly #changed: () => void;

  /** @param changed called when what someone may has changed */
  constructor(records: PlanRecords, changed: () => void) {
    this.#records = records;
    this.#changed = changed;
  }

  list(): Promise<readonly Plan[]> {
    return this.#records.list();
  }

  /** No limit where none is given. @throws {EngineError} `invalid`, `conflict` */
  async create(actor: Actor, change: PlanChange): Promise<Plan> {
    const { name = checkName(''), ...plan } = checkPlan(change);
    const id = randomBytes(8).toString('hex');
    return this.#change(
      this.#records.create(
        { id, name, ...plan, isDefault: change.isDefault === true },
        { actor, action: 'plan.create', target: name, details: change },
      ),
    );
  }

  /** Changes what is given. @throws {EngineError} as the records do; `invalid` naming the field */
  async change(actor: Actor, id: string, change: PlanChange): Promise<Plan> {
    const plan = { ...checkPlan(change), isDefault: change.isDefault };
    return this.#change(
      this.#records.change(id, plan, ({ name }) => ({
        ...{ actor, action: 'plan.change', target: name, details: change },
      })),
    );
  }

  /** @throws {EngineError} as the records do */
  remove(actor: Actor, id: string): Promise<void> {
    return this.#change(
      this.#records.remove(id, ({ name }) => ({ actor, action: 'plan.delete', target: name })),
    );
  }

  /** @throws {EngineError} `notFound` */
  give(actor: Actor, accountName: string, planId: string): Promise<void> {
    return this.#change(
      this.#records.give({ accountName, planId }, ({ plan, accountId }) => ({
        ...{ actor, action: 'plan.give', target: accountName, ownerId: accountId },
        details: { plan: plan.name },
      })),
    );
  }

  async #change<T>(change: Promise<T>): Promise<T> {
    const result = await change;
    this.#changed();
    return result;
  }
}

/** @throws {EngineError} `invalid` naming the field */
function checkPlan(change: PlanChange): PlanDescription {
  const { name, description, privateRepositories, privateBytes, pullsPerHour } = change;
  if (description !== undefined && [...description].length > 255)
    throw invalid("A plan's description has at most 255 characters");
  return {
    name: name === undefined ? undefined : checkName(name),
    description,
    privateRepositories: checkLimit('privateRepositories', privateRepositories),
    privateBytes: checkLimit('privateBytes', privateBytes),
    pullsPerHour: checkLimit('pullsPerHour', pullsPerHour),
  };
}

function checkName(name: string): string {
  if (!/^[^\p{Cc}]{1,60}$/u.test(name.trim())) throw invalid("A plan's name has 1 to 60 characters");
  return name.trim();
}

/** -1 is no limit. @throws {EngineError} `invalid` */
function checkLimit(field: string, value: number | undefined): Limit | undefined {
  if (value === undefined) return undefined;
  if (!Number.isSafeInteger(value) || value < -1)
    throw invalid(`${field} must be a whole number from 0, or -1 for no limit`);
  return value === -1 ? 'none' : value;
}
