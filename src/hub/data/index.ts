/**
 * hub/data: the Hub's records, drawn in schema.ts. Each part of the Hub writes its own tables.
 */
import type { Database } from '#state/database.ts';
import { openSqliteRecords } from '../records/sqlite/index.ts';

/** Opens (and makes) the Hub's database; `:memory:` for tests. */
export const openDatabase = (path: string): Database => openSqliteRecords(path).database;
