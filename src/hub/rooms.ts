import type { Log } from '#base/log.ts';
import type { Database } from '#state/database.ts';
import { Access } from './access/access.ts';
import { Audit } from './audit/audit.ts';
import { HubSettings } from './settings/settings.ts';
import { Ledger } from './usage/ledger.ts';

/** What every part of the Hub stands on. */
export interface HubRooms {
  readonly database: Database;
  readonly access: Access;
  readonly ledger: Ledger;
  readonly audit: Audit;
  readonly settings: HubSettings;
  readonly log: Log;
  readonly now: () => Date;
}

export const hubRooms = (
  database: Database,
  { log, now = () => new Date() }: { readonly log: Log; readonly now?: () => Date },
): HubRooms => ({
  database,
  access: new Access(database),
  ledger: new Ledger(database),
  audit: new Audit(database, now),
  settings: new HubSettings(database),
  log,
  now,
});
