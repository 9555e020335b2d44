import { messageOf } from '#base/errors.ts';
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
  const command = (name: string) =>
    rooms.database.run('INSERT INTO repository_text (repository_text, rank) VALUES (?, 1)', name);
  try {
    command('integrity-check');
  } catch (error) {
    if (repair) rooms.database.run("INSERT INTO repository_text (repository_text) VALUES ('rebuild')");
    found({
      kind: 'search',
      subject: 'full-text index',
      problem: messageOf(error),
      ...(repair && { repair: 'rebuilt' }),
    });
  }
}
