import { notFound } from '#base/errors.ts';
import type { RepositoryKey } from '../repositories.ts';
import type { StarRecords } from '../stars.ts';
import type { SqliteParts } from './parts.ts';
import { repositoryNow } from './repository-row.ts';

/** The table's triggers count a repository's stars. */
export class SqliteStars implements StarRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async set(key: RepositoryKey, userId: string, isStarred: boolean): Promise<void> {
    const { database, now } = this.#parts;
    database.transaction(() => {
      repositoryNow(database, key);
      if (database.get('SELECT 1 FROM user WHERE account_id = ?', userId) === undefined)
        throw notFound('user', userId);
      if (isStarred)
        database.run('INSERT OR IGNORE INTO star VALUES (?, ?, ?)', key.id, userId, now().toISOString());
      else database.run('DELETE FROM star WHERE repository_id = ? AND user_id = ?', key.id, userId);
    });
  }
}
