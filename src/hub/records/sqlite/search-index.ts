import type { Database } from '#state/database.ts';
import type { Visibility } from '../../api/accounts.ts';

/** What the full-text index says otherwise than the repositories; nothing when all is well. */
export const checkSearchIndex = (database: Database): readonly string[] => [
  ...wrongRows(database, 'public').map((name) => `${name} is not where public repositories are found`),
  ...wrongRows(database, 'private').map((name) => `${name} is not where private repositories are found`),
  ...strayRows(database, 'public'),
  ...strayRows(database, 'private'),
];

/** A few milliseconds' work. */
const pagesAtOnce = 32;

/**
 * One step of merging: each write is a small index of its own, and a search looks into all that there are.
 *
 * @returns whether there is more to do
 */
export function mergeSearchIndex(database: Database): boolean {
  const steps = (['public_text', 'private_text'] as const).map((table) => {
    const before = changes(database);
    database.run(`INSERT INTO ${table} (${table}, rank) VALUES ('merge', ${pagesAtOnce})`);
    return changes(database) - before >= 2;
  });
  return steps.includes(true);
}

/** @see SQLite FTS5, § 6.9: a merge that changes fewer than two rows had nothing to do */
const changes = (database: Database): number =>
  database.get<{ changes: number }>('SELECT total_changes() AS changes')!.changes;

/** Makes the index anew from the repositories. */
export function rebuildSearchIndex(database: Database): void {
  database.transaction(() => {
    for (const table of ['public_text', 'private_text'])
      database.run(`INSERT INTO ${table} (${table}) VALUES ('delete-all')`);
    for (const visibility of ['public', 'private'])
      database.run(`INSERT INTO ${visibility}_text (rowid, words, marks)
        SELECT id, words, marks FROM text_of_repository WHERE visibility = '${visibility}'`);
  });
}

const wrongRows = (database: Database, visibility: Visibility): readonly string[] =>
  database
    .all<{ full_name: string }>(
      `SELECT full_name FROM repository
        WHERE visibility = ? AND id NOT IN (SELECT rowid FROM ${visibility}_text) LIMIT 100`,
      visibility,
    )
    .map((row) => row.full_name);

const strayRows = (database: Database, visibility: Visibility): readonly string[] =>
  database
    .all<{ rowid: number }>(
      `SELECT rowid FROM ${visibility}_text
        WHERE rowid NOT IN (SELECT id FROM repository WHERE visibility = ?) LIMIT 100`,
      visibility,
    )
    .map(({ rowid }) => `repository ${rowid} is found among the ${visibility} ones, and is none`);
