import type { Log } from '#base/log.ts';
import { Access } from './access/access.ts';
import type { Records } from './records/index.ts';

/** What every part of the Hub stands on. */
export interface HubRooms {
  readonly records: Records;
  readonly access: Access;
  readonly log: Log;
  /** The same clock as the records'. */
  readonly now: () => Date;
}

export const hubRooms = (
  records: Records,
  { log, now = () => new Date() }: { readonly log: Log; readonly now?: (() => Date) | undefined },
): HubRooms => ({ records, access: new Access(records.access), log, now });
