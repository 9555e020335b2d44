import type { Plan } from '../api/accounts.ts';
import type { Audited } from './audit.ts';

/** What a plan says; what is absent stays as it is, and is nothing (`''`, no limit) in a new one. */
export interface PlanDescription {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly privateRepositories?: Limit | undefined;
  readonly privateBytes?: Limit | undefined;
  readonly pullsPerHour?: Limit | undefined;
}

export type Limit = number | 'none';

export interface PlanChoice {
  readonly accountName: string;
  readonly planId: string;
}

/**
 * What accounts may keep to themselves, and pull. At every moment one plan is the default: that of new accounts. At first there
 * are `free`, which is the default, `team` and `unlimited`.
 */
export interface PlanRecords {
  /** In their order: a new one is the last. */
  list(): Promise<readonly Plan[]>;
  /**
   * @param plan.isDefault makes it the default in place of the one that is
   * @throws {EngineError} `conflict` when there is a plan of that name
   */
  create(
    plan: PlanDescription & { readonly id: string; readonly name: string; readonly isDefault?: boolean },
    audited: Audited,
  ): Promise<Plan>;
  /**
   * What accounts hold already stays, also where it is more than the plan allows now.
   *
   * @param change.isDefault true makes it the default in place of the one that is; false is what all others are
   * @param audited is told what the plan was before
   * @throws {EngineError} `notFound`; `conflict` when another plan has the name, and when the default one is to be none
   */
  change(
    id: string,
    change: PlanDescription & { readonly isDefault?: boolean | undefined },
    audited: Audited<Plan>,
  ): Promise<Plan>;
  /** @throws {EngineError} `notFound`; `conflict` for the default one, and while an account has it */
  remove(id: string, audited: Audited<Plan>): Promise<void>;
  /** Gives an account a plan, in place of the one that it has. @throws {EngineError} `notFound` without such a plan or account */
  give(
    choice: PlanChoice,
    audited: Audited<{ readonly plan: Plan; readonly accountId: string }>,
  ): Promise<void>;
  /**
   * What an account may pull in an hour: by its own plan, or by that of an organisation it is in where that allows more.
   *
   * @returns undefined where there is no limit; 0 where there is no such account
   */
  pullsPerHour(accountId: string): Promise<number | undefined>;
}
