import { checkSearchIndex, rebuildSearchIndex } from '../catalogue/search-index.ts';
import type { Checking } from './check.ts';

/** SQLite's own check of the file, and of what refers to what. */
export function checkDatabase({ rooms, found }: Checking): void {
  const lines = rooms.database.all<{ integrity_check: string }>('PRAGMA integrity_check');
  for (const { integrity_check: problem } of lines)
    if (problem !== 'ok') found({ kind: 'database', subject: 'hub.db', problem });
  const broken = rooms.database.all<{ table: string; rowid: number | null; parent: string }>(
    'PRAGMA foreign_key_check',
  );
  for (const { table, rowid, parent } of broken) {
    const subject = rowid === null ? table : `${table}, row ${rowid}`;
    found({ kind: 'database', subject, problem: `refers to a row of ${parent} that is not there` });
  }
}

/** Whether the full-text index says what the repositories say. */
export function checkText({ rooms, repair, found }: Checking): void {
  const problems = checkSearchIndex(rooms.database);
  if (repair && problems.length > 0) rebuildSearchIndex(rooms.database);
  for (const problem of problems)
    found({
      ...{ kind: 'search', subject: 'full-text index', problem },
      ...(repair && { repair: 'rebuilt' }),
    });
}
