import type { Database } from '#state/database.ts';
import { decodeListing, encodeListing, type KnownFiles, noKnownFiles } from './stored-listing.ts';

/**
 * What clients' directories had when they were last sent. Every content that a listing speaks of is in the packs: whoever
 * drops a content drops the listings too (`Packs`, pack-prune.ts), so that a known stamp needs no further look-up.
 */
export class Origins {
  readonly #database: Database;
  readonly #now: () => Date;

  constructor(database: Database, now: () => Date) {
    this.#database = database;
    this.#now = now;
  }

  /** What is known of a directory, which counts as used now. */
  load(origin: string): KnownFiles {
    const sql = 'UPDATE build_origin SET used_at = ? WHERE origin = ? RETURNING listing';
    const row = this.#database.get<{ listing: Uint8Array }>(sql, this.#now().toISOString(), origin);
    return row === undefined ? noKnownFiles : decodeListing(row.listing);
  }

  save(origin: string, files: KnownFiles): void {
    const sql = 'INSERT OR REPLACE INTO build_origin VALUES (?, ?, ?)';
    this.#database.run(sql, origin, encodeListing(files), this.#now().toISOString());
  }
}
