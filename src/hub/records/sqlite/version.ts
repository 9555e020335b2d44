import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { hubMigrations } from './schema.ts';

/** Whether records are there, of this program's version: opening them changes nothing then. */
export function areCurrent(path: string): boolean {
  if (!existsSync(path)) return false;
  const sqlite = new DatabaseSync(path, { readOnly: true });
  try {
    sqlite.exec('PRAGMA busy_timeout = 5000');
    const { user_version: version } = sqlite.prepare('PRAGMA user_version').get() as { user_version: number };
    return version === hubMigrations.length;
  } finally {
    sqlite.close();
  }
}
