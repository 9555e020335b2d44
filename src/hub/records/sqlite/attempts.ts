import { type AttemptRecords, type Failures, failuresLastSeconds, mostFailures } from '../attempts.ts';
import { pages } from './pages.ts';
import type { SqliteParts } from './parts.ts';

/** With each failure so many of the oldest keys are looked at: more than come, so that none stays long once it is forgotten. */
const oldestLookedAt = 16;

interface AttemptRow {
  readonly key: string;
  readonly failures: number;
  readonly last_at: string;
}

/** A key's row goes to the end with each failure: rows are in the order of what is forgotten first, which then costs nothing to find. */
export class SqliteAttempts implements AttemptRecords {
  readonly #database: SqliteParts['database'];
  readonly #now: () => Date;

  constructor({ database, now }: Pick<SqliteParts, 'database' | 'now'>) {
    this.#database = database;
    this.#now = now;
  }

  async failures(keys: readonly string[]): Promise<ReadonlyMap<string, Failures>> {
    const rows = this.#database.all<AttemptRow>(
      `SELECT a.key, a.failures, a.last_at FROM json_each(?) j CROSS JOIN attempt a ON a.key = j.value
        WHERE a.last_at > ?`,
      ...[JSON.stringify(keys), this.#since()],
    );
    return new Map(rows.map(({ key, failures, last_at }) => [key, { count: failures, lastAt: last_at }]));
  }

  async add(keys: readonly string[]): Promise<void> {
    const [at, since] = [this.#now().toISOString(), this.#since()];
    this.#database.transaction(() => {
      for (const key of new Set(keys))
        this.#database.run(
          `INSERT OR REPLACE INTO attempt (key, failures, last_at)
             VALUES (?1, 1 + coalesce((SELECT failures FROM attempt WHERE key = ?1 AND last_at > ?2), 0), ?3)`,
          ...[key, since, at],
        );
      this.#database.run(
        'DELETE FROM attempt WHERE position <= (SELECT max(position) FROM attempt) - ?',
        mostFailures,
      );
      this.#database.run(
        `DELETE FROM attempt WHERE last_at <= ?
            AND position IN (SELECT position FROM attempt ORDER BY position LIMIT ${oldestLookedAt})`,
        since,
      );
    });
  }

  async forget(keys: readonly string[]): Promise<void> {
    this.#database.run(
      'DELETE FROM attempt WHERE key IN (SELECT value FROM json_each(?))',
      JSON.stringify(keys),
    );
  }

  async dropForgotten(): Promise<number> {
    const since = this.#since();
    let count = 0;
    const rows = pages<{ position: number; last_at: string }>(
      this.#database,
      'SELECT position, last_at FROM attempt WHERE position > ? ORDER BY position',
      { from: [0], keyOf: ({ position }) => [position] },
    );
    for await (const batch of rows) {
      const old = batch.filter(({ last_at }) => last_at <= since);
      if (old.length === 0) break;
      const sql = 'DELETE FROM attempt WHERE position BETWEEN ? AND ? AND last_at <= ?';
      count += this.#database.run(sql, old[0]!.position, old.at(-1)!.position, since);
    }
    return count;
  }

  /** What is as old as this or older is forgotten. */
  #since(): string {
    return new Date(this.#now().getTime() - failuresLastSeconds * 1000).toISOString();
  }
}
