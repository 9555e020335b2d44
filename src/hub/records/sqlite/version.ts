import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { hubMigrations } from './schema.ts';

/** Whether records are there, of this program's version: opening them changes nothing then. */
export const areCurrent = (path: string): boolean =>
  existsSync(path) && versionOf(path) === hubMigrations.length;

/** How many migrations have made the records in a file; 0 for an empty one. @throws for what is no database */
export function versionOf(path: string): number {
  const sqlite = new DatabaseSync(path, { readOnly: true });
  try {
    sqlite.exec('PRAGMA busy_timeout = 5000');
    return (sqlite.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
  } finally {
    sqlite.close();
  }
}
