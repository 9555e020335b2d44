import { newId } from '#base/id.ts';
import type { Database } from '#state/database.ts';

export interface CacheRow {
  readonly id: string;
  /** Under build/caches. */
  readonly folder: string;
  readonly createdAt: string;
  readonly usedAt: string;
  readonly uses: number;
}

const columns = 'id, folder, created_at AS createdAt, used_at AS usedAt, uses';

/** The table build_cache. */
export class CacheRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  list(): readonly CacheRow[] {
    return this.#database.all<CacheRow>(`SELECT ${columns} FROM build_cache ORDER BY id`);
  }

  find(id: string): CacheRow | undefined {
    return this.#database.get<CacheRow>(`SELECT ${columns} FROM build_cache WHERE id = ?`, id);
  }

  /** Counts a use of a cache, which is made when there is none. */
  use(id: string): CacheRow {
    const now = new Date().toISOString();
    this.#database.run(
      `INSERT INTO build_cache (id, folder, created_at, used_at, uses) VALUES (?, ?, ?, ?, 1)
       ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at, uses = uses + 1`,
      ...[id, newId().slice(0, 32), now, now],
    );
    return this.find(id)!;
  }

  delete(id: string): void {
    this.#database.run('DELETE FROM build_cache WHERE id = ?', id);
  }
}
