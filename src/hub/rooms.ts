import type { Log } from '#base/log.ts';
import type { Database } from '#state/database.ts';
import { Access } from './access/access.ts';
import type { Records } from './records/index.ts';
import { Audit } from './records/sqlite/audit.ts';
import { sqliteRecords } from './records/sqlite/index.ts';
import { Ledger } from './records/sqlite/ledger.ts';

/** What every part of the Hub stands on. */
export interface HubRooms {
  readonly records: Records;
  readonly database: Database;
  readonly access: Access;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly log: Log;
  readonly now: () => Date;
}

export function hubRooms(
  database: Database,
  { log, now = () => new Date() }: { readonly log: Log; readonly now?: () => Date },
): HubRooms {
  const records = sqliteRecords(database, { now });
  return {
    ...{ records, database },
    access: new Access(records.access),
    ledger: new Ledger(database),
    audit: new Audit(database, now),
    ...{ log, now },
  };
}
