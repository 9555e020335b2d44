import type { AccountUsage, UsageRecords } from '../usage.ts';
import { heldBytes } from './holdings.ts';
import type { SqliteParts } from './parts.ts';
import { type PlanRow, planColumns, planOf } from './plan-row.ts';

interface UsageRow extends PlanRow {
  readonly has_repositories: number;
  readonly has_bytes: number;
}

export class SqliteUsage implements UsageRecords {
  readonly #database: SqliteParts['database'];

  constructor({ database }: SqliteParts) {
    this.#database = database;
  }

  async ofAccount(
    accountId: string,
    { largest }: { readonly largest: number },
  ): Promise<AccountUsage | undefined> {
    const row = this.#database.get<UsageRow>(
      `SELECT a.private_repositories AS has_repositories, a.private_bytes AS has_bytes, ${planColumns}
         FROM account a JOIN plan p ON p.id = a.plan_id WHERE a.id = ?`,
      accountId,
    );
    if (row === undefined) return undefined;
    return {
      plan: planOf(row),
      privateRepositories: row.has_repositories,
      privateBytes: row.has_bytes,
      largest: this.#largest(accountId, largest),
    };
  }

  #largest(ownerId: string, most: number): AccountUsage['largest'] {
    return this.#database
      .all<AccountUsage['largest'][number]>(
        `SELECT r.full_name AS name, ${heldBytes} AS bytes FROM repository r 
          WHERE r.owner_id = ? AND r.visibility = 'private' ORDER BY bytes DESC, name LIMIT ?`,
        ...[ownerId, most],
      )
      .map((each) => ({ ...each }));
  }
}
