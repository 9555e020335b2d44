/**
 * hub/data: the Hub's records, drawn in schema.ts. Each part of the Hub writes its own tables.
 */
import { Database } from '#state/database.ts';
import { hubMigrations } from './schema.ts';

/** Opens (and makes) the Hub's database; `:memory:` for tests. */
export const openDatabase = (path: string): Database => new Database(path, hubMigrations);
