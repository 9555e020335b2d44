import { conflict, notFound } from '#base/errors.ts';
import type { Audited } from '../audit.ts';
import type {
  NewRepository,
  RepositoryDescription,
  RepositoryKey,
  RepositoryQuery,
  RepositoryRecord,
  RepositoryRecords,
  RepositorySettings,
  RepositoryTotals,
} from '../repositories.ts';
import type { Viewer } from '../viewer.ts';
import { heldBytes } from './holdings.ts';
import type { SqliteParts } from './parts.ts';
import { repositoryList } from './repository-list.ts';
import { repositoryNow, type SummaryRow, summaryColumns, summaryOf } from './repository-row.ts';

interface DescriptionRow extends SummaryRow {
  readonly created_at: string;
  readonly pulled_at: string | null;
  readonly overview: string;
  readonly is_starred: number;
  readonly tags: number;
  readonly bytes: number;
}

const descriptionSql = `SELECT ${summaryColumns}, r.created_at, r.pulled_at, r.overview,
    EXISTS (SELECT 1 FROM star s WHERE s.repository_id = r.id AND s.user_id = ?2) AS is_starred,
    (SELECT count(*) FROM tag t WHERE t.repository_id = r.id) AS tags,
    ${heldBytes} AS bytes
  FROM repository r WHERE r.id = ?1`;

/** How many `totals` reads at once. */
const pageSize = 500;

export class SqliteRepositories implements RepositoryRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async create(repository: NewRepository, audited: Audited): Promise<RepositoryRecord> {
    const { database, ledger, audit, now } = this.#parts;
    const { ownerId, fullName, visibility, description } = repository;
    return database.transaction(() => {
      if (database.get('SELECT 1 FROM account WHERE id = ?', ownerId) === undefined)
        throw notFound('account', fullName.split('/')[0]!);
      if (database.get('SELECT 1 FROM repository WHERE full_name = ?', fullName) !== undefined)
        throw conflict(`There is a repository ${fullName} already`);
      const { id } = database.get<{ id: number }>(
        `INSERT INTO repository (owner_id, name, full_name, visibility, description, created_at, updated_at)
           VALUES (?, ?, ?, ?, ?, ?6, ?6) RETURNING id`,
        ...[ownerId, fullName.slice(fullName.indexOf('/') + 1), fullName, visibility, description],
        now().toISOString(),
      )!;
      ledger.repositoryAdded(id);
      audit.write(audited, undefined);
      return repositoryNow(database, { id, fullName });
    });
  }

  async describe(
    { id, fullName }: RepositoryKey,
    userId: string | undefined,
  ): Promise<RepositoryDescription> {
    const row = this.#parts.database.get<DescriptionRow>(descriptionSql, id, userId ?? '');
    if (row === undefined) throw notFound('repository', fullName);
    return {
      ...summaryOf(row),
      createdAt: row.created_at,
      ...(row.pulled_at !== null && { pulledAt: row.pulled_at }),
      ...{ overview: row.overview, isStarred: row.is_starred === 1, tags: row.tags, bytes: row.bytes },
    };
  }

  async list(viewer: Viewer, query: RepositoryQuery) {
    return repositoryList(this.#parts.database, viewer, query);
  }

  async *totals(): AsyncGenerator<RepositoryTotals> {
    const sql = `SELECT r.full_name AS name, r.visibility, r.pulls, r.updated_at AS updatedAt,
        (SELECT count(*) FROM tag t WHERE t.repository_id = r.id) AS tags,
        (SELECT coalesce(sum(b.size), 0) FROM repository_blob l JOIN blob b ON b.digest = l.digest
          WHERE l.repository_id = r.id) AS bytes
      FROM repository r WHERE r.full_name > ? ORDER BY r.full_name LIMIT ${pageSize}`;
    for (let last = ''; ; ) {
      const page = this.#parts.database.all<RepositoryTotals>(sql, last);
      for (const row of page) yield { ...row };
      if (page.length < pageSize) return;
      last = page.at(-1)!.name;
    }
  }

  async change(key: RepositoryKey, settings: RepositorySettings, audited: Audited): Promise<void> {
    const { database, ledger, audit, now } = this.#parts;
    const { visibility, description = null, overview = null, immutableTags } = settings;
    const patterns = immutableTags === undefined ? null : JSON.stringify(immutableTags);
    database.transaction(() => {
      repositoryNow(database, key);
      if (visibility !== undefined) ledger.setVisibility(key.id, visibility);
      database.run(
        `UPDATE repository SET description = coalesce(?, description), overview = coalesce(?, overview),
                immutable_tags = coalesce(?, immutable_tags), updated_at = ? WHERE id = ?`,
        ...[description, overview, patterns, now().toISOString(), key.id],
      );
      audit.write(audited, undefined);
    });
  }

  async remove(key: RepositoryKey, audited: Audited<RepositoryRecord>): Promise<void> {
    const { database, ledger, audit } = this.#parts;
    database.transaction(() => {
      const removed = repositoryNow(database, key);
      ledger.repositoryRemoved(key.id);
      // tags name manifests without a cascade, so that no manifest goes while one is named
      database.run('DELETE FROM tag WHERE repository_id = ?', key.id);
      database.run('DELETE FROM repository WHERE id = ?', key.id);
      audit.write(audited, removed);
    });
  }
}
