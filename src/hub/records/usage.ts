import type { Plan, Usage } from '../api/accounts.ts';

/** What an account holds of its plan. Only what is private counts: a content once for its owner, however many repositories have it. */
export interface AccountUsage {
  readonly plan: Plan;
  readonly privateRepositories: number;
  readonly privateBytes: number;
  /** Its private repositories, the largest first and then by name: each with all that it has, also what others have too. */
  readonly largest: Usage['repositories'];
}

/** What accounts hold. It is counted with each change of it, and exact at every moment. */
export interface UsageRecords {
  /** @param options.largest so many repositories are named */
  ofAccount(accountId: string, options: { readonly largest: number }): Promise<AccountUsage | undefined>;
}
