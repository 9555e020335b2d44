import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { internal } from '#base/errors.ts';
import { migrations } from './schema.ts';

export type Value = SQLInputValue;
/** How long one waits for another program's transaction. */
const busyMilliseconds = 5000;

export type Row = Readonly<Record<string, unknown>>;

/**
 * A program's one database (the engine's, or the Hub's): SQLite in WAL mode, written by this process alone.
 *
 * Statements are prepared once and kept. Commits reach the kernel before they return, so a killed daemon loses none; a
 * power cut may lose the last few, never the database's wholeness (WAL with `synchronous=NORMAL`). Calls are synchronous
 * and short: none walks more rows than it returns.
 */
export class Database implements Disposable {
  readonly #sqlite: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  readonly #migrations: readonly string[];

  /** @param schema migrations in order; the engine's own when absent */
  constructor(path: string, schema: readonly string[] = migrations) {
    this.#migrations = schema;
    if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    this.#sqlite = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: busyMilliseconds });
    this.#sqlite.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    this.#migrate();
  }

  /** All rows of a query. */
  all<T = Row>(sql: string, ...values: Value[]): T[] {
    return this.#prepared(sql).all(...values) as T[];
  }

  /** The first row, or undefined. */
  get<T = Row>(sql: string, ...values: Value[]): T | undefined {
    return this.#prepared(sql).get(...values) as T | undefined;
  }

  /** Runs a statement that returns nothing. @returns how many rows it changed */
  run(sql: string, ...values: Value[]): number {
    return Number(this.#prepared(sql).run(...values).changes);
  }

  /** All of `change` or nothing of it. May be nested: the outermost commits. `change` must not await. */
  transaction<T>(change: () => T): T {
    if (this.#depth > 0) return change();
    this.#sqlite.exec('BEGIN IMMEDIATE');
    this.#depth += 1;
    try {
      const result = change();
      this.#sqlite.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk makes SQLite roll back by itself.
      if (this.#sqlite.isTransaction) this.#sqlite.exec('ROLLBACK');
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  [Symbol.dispose](): void {
    this.#statements.clear();
    this.#sqlite.close();
  }

  #prepared(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#sqlite.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #migrate(): void {
    const newest = this.#migrations.length;
    if (this.#version() === newest) return;
    this.transaction(() => {
      // asked again: of two that open a file, the second finds it new
      const found = this.#version();
      if (found > newest)
        throw internal(`The database is of version ${found}, newer than this program's ${newest}`);
      for (const migration of this.#migrations.slice(found)) this.#sqlite.exec(migration);
      this.#sqlite.exec(`PRAGMA user_version = ${newest}`);
    });
  }

  #version(): number {
    return (this.#sqlite.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
  }
}
