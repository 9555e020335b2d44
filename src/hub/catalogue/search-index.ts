import type { Database } from '#state/database.ts';

/** What the full-text index says otherwise than the repositories; nothing when all is well. */
export function checkSearchIndex(database: Database): readonly string[] {
  return [
    ...wrongRows(database, 'public').map((name) => `${name} is not where public repositories are found`),
    ...wrongRows(database, 'private').map((name) => `${name} is not where private repositories are found`),
    ...strayRows(database, 'public'),
    ...strayRows(database, 'private'),
  ];
}

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

type Visibility = 'public' | 'private';

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
