import { conflict, notFound } from '#base/errors.ts';
import type { Audited } from '../audit.ts';
import type { NewRepository, RepositoryRecord, RepositoryRecords } from '../repositories.ts';
import type { SqliteParts } from './parts.ts';
import { type RepositoryRow, repositoryColumns, repositoryOf } from './repository-row.ts';

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
      return repositoryOf(
        database.get<RepositoryRow>(`SELECT ${repositoryColumns} FROM repository r WHERE id = ?`, id)!,
      );
    });
  }
}
