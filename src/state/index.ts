/**
 * state: where records are kept. One SQLite database holds every record; files hold bytes; never both.
 *
 *     using database = new Database(paths.database);
 *     database.transaction(() => { … });
 *
 * Called by the rooms that keep records; each of the engine's writes its own tables, all drawn in schema.ts. The Hub brings a
 * schema of its own.
 */
export { Database, type Row, type Value } from './database.ts';
export { type Paths, pathsOf } from './paths.ts';
