import { newId } from '#base/id.ts';
import type { Database } from '#state/database.ts';
import type { HoldRecords } from '../holds.ts';
import type { SqliteParts } from './parts.ts';

export class SqliteHolds implements HoldRecords {
  readonly #database: Database;

  constructor({ database }: Pick<SqliteParts, 'database'>) {
    this.#database = database;
  }

  async take(leaseSeconds: number): Promise<string> {
    const id = newId();
    this.#database.run('INSERT INTO hold VALUES (?, ?)', id, inSeconds(leaseSeconds));
    return id;
  }

  async renew(id: string, leaseSeconds: number): Promise<boolean> {
    const sql = 'UPDATE hold SET expires_at = ? WHERE id = ? AND expires_at > ?';
    return this.#database.run(sql, inSeconds(leaseSeconds), id, inSeconds(0)) > 0;
  }

  async release(id: string): Promise<void> {
    this.#database.run('DELETE FROM hold WHERE id = ?', id);
  }

  async isHeld(): Promise<boolean> {
    return isHeld(this.#database);
  }

  async dropExpired(): Promise<number> {
    return this.#database.run('DELETE FROM hold WHERE expires_at <= ?', inSeconds(0));
  }
}

/** Asked in the transaction that lets a blob go. */
export const isHeld = (database: Database): boolean =>
  database.get('SELECT 1 FROM hold WHERE expires_at > ? LIMIT 1', inSeconds(0)) !== undefined;

/** The machine's time, not the Hub's: holders are processes of their own. */
const inSeconds = (seconds: number): string => new Date(Date.now() + seconds * 1000).toISOString();
