import { messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
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

const mergeEverySeconds = 30;
/** A few milliseconds' work. */
const pagesAtOnce = 32;

/**
 * Keeps searches fast while repositories are written: each write is a small index of its own, and a search looks into all that
 * there are. They are merged now and then, in steps between which requests are answered.
 */
export class SearchIndexMerging implements Disposable {
  readonly #database: Database;
  readonly #log: Log;
  #next: NodeJS.Timeout;

  constructor(database: Database, log: Log) {
    this.#database = database;
    this.#log = log;
    this.#next = this.#after(mergeEverySeconds * 1000);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#next);
  }

  #after(milliseconds: number): NodeJS.Timeout {
    return setTimeout(() => this.#step(), milliseconds).unref();
  }

  #step(): void {
    let isDone = true;
    try {
      isDone = !mergeSearchIndex(this.#database);
    } catch (error) {
      this.#log.error('the search index is not merged', { error: messageOf(error) });
    }
    this.#next = this.#after(isDone ? mergeEverySeconds * 1000 : 20);
  }
}

/** One step of merging. @returns whether there is more to do */
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
