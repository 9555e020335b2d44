import type { Database } from '#state/database.ts';
import type { Audit } from './audit.ts';
import type { Ledger } from './ledger.ts';

/** What every kind of record in SQLite works with. All of it is synchronous: a transaction is one call that does not wait. */
export interface SqliteParts {
  readonly database: Database;
  readonly audit: Audit;
  readonly ledger: Ledger;
  readonly now: () => Date;
}
