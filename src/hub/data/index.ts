/**
 * hub/data: the Hub's records, drawn in schema.ts. Each part of the Hub writes its own tables.
 */
import { Database } from '#state/database.ts';
import { hubMigrations } from './schema.ts';

/** Pages that SQLite keeps: the upper ones of every index of a large Hub, and no more than the process has room for. */
const cacheKibibytes = 32 << 10;

/** Opens (and makes) the Hub's database; `:memory:` for tests. */
export function openDatabase(path: string): Database {
  const database = new Database(path, hubMigrations);
  database.all(`PRAGMA cache_size = -${cacheKibibytes}`);
  return database;
}
