import type { Database } from '#state/database.ts';
import { decodeListing, encodeListing, type KnownFiles, noKnownFiles } from './stored-listing.ts';

/** Directories remembered: builds in a folder made anew each time would else fill the database. */
const maxOrigins = 200;

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

  /** Whether something is known of a directory, which counts as used now. */
  touch(origin: string): boolean {
    const sql = 'UPDATE build_origin SET used_at = ? WHERE origin = ?';
    return this.#database.run(sql, this.#now().toISOString(), origin) > 0;
  }

  /** What is known of a directory, which counts as used now. */
  load(origin: string): KnownFiles {
    const sql = 'UPDATE build_origin SET used_at = ? WHERE origin = ? RETURNING listing';
    const row = this.#database.get<{ listing: Uint8Array }>(sql, this.#now().toISOString(), origin);
    return row === undefined ? noKnownFiles : decodeListing(row.listing);
  }

  save(origin: string, files: KnownFiles): void {
    const listing = encodeListing(files);
    const used = this.#now().toISOString();
    const replace = 'UPDATE build_origin SET listing = ?, used_at = ? WHERE origin = ?';
    if (this.#database.run(replace, listing, used, origin) > 0) return;
    this.#database.transaction(() => {
      this.#database.run('INSERT INTO build_origin VALUES (?, ?, ?)', origin, listing, used);
      this.#database.run(
        `DELETE FROM build_origin WHERE origin IN
           (SELECT origin FROM build_origin ORDER BY used_at DESC, origin LIMIT -1 OFFSET ?)`,
        maxOrigins,
      );
    });
  }
}
