import { crashPoint } from '#base/crash-point.ts';
import type { Digest } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import type { Records } from '../index.ts';
import type { BlobTotals, Settled, SnapshotRecords } from '../snapshots.ts';
import type { SqliteParts } from './parts.ts';

type Open = (path: string) => Records & { readonly database: Database };

/** Of the running Hub alone: what it is about to have, what was guessed at lately, the keys that it signs with, and what its mirror can fetch again. */
const underWay = ['upload', 'hold', 'attempt', 'signing_key'];
const mirrored = ['mirror_link', 'mirror_tag', 'mirror_manifest', 'mirror_blob'];

export class SqliteSnapshots implements SnapshotRecords {
  readonly #database: Database;
  readonly #open: Open;

  constructor({ database }: Pick<SqliteParts, 'database'>, open: Open) {
    this.#database = database;
    this.#open = open;
  }

  async take(path: string): Promise<Records> {
    this.#database.run('VACUUM INTO ?', path);
    crashPoint('backup.snapshot');
    {
      // closed before anyone reads the file: what is in a log beside it comes into it then
      await using written = this.#open(path);
      // a key that is only let go of could be read from the file all the same
      written.database.all('PRAGMA secure_delete = ON');
      empty(written.database, [...underWay, ...mirrored]);
    }
    return this.#open(path);
  }

  async blobTotals(): Promise<BlobTotals> {
    const sql = 'SELECT count(*) AS blobs, coalesce(sum(size), 0) AS bytes FROM blob';
    return { ...this.#database.get<BlobTotals>(sql)! };
  }

  async knowsBlob({ digest, size }: { readonly digest: Digest; readonly size: number }): Promise<boolean> {
    const sql = 'SELECT 1 FROM blob WHERE digest = ? AND size = ?';
    return this.#database.get(sql, digest, size) !== undefined;
  }

  async blobCame(digest: Digest, at: string): Promise<void> {
    this.#database.run('UPDATE blob SET checked_at = ?, bad_at = NULL WHERE digest = ?', at, digest);
  }

  async settle(at: string): Promise<Settled> {
    return this.#database.transaction(() => {
      const missing = this.#database.all<{ digest: Digest; bad_at: string | null }>(
        'SELECT digest, bad_at FROM blob WHERE checked_at IS NOT ? ORDER BY digest',
        at,
      );
      const mark = 'UPDATE blob SET bad_at = ?1 WHERE checked_at IS NOT ?1 AND bad_at IS NULL';
      this.#database.run(mark, at);
      empty(this.#database, underWay);
      return {
        bad: missing.map(({ digest }) => digest),
        lost: missing.filter(({ bad_at }) => bad_at === null).map(({ digest }) => digest),
      };
    });
  }
}

function empty(database: Database, tables: readonly string[]): void {
  for (const table of tables) database.run(`DELETE FROM ${table}`);
}
