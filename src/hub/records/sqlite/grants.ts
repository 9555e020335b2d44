import { conflict, notFound } from '#base/errors.ts';
import type { Level } from '../../api/accounts.ts';
import type { Grant } from '../../api/repositories.ts';
import type { Audited } from '../audit.ts';
import type { Grantee, GrantRecords } from '../grants.ts';
import type { RepositoryKey, RepositoryRecord } from '../repositories.ts';
import type { SqliteParts } from './parts.ts';
import { repositoryNow } from './repository-row.ts';

export class SqliteGrants implements GrantRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async list({ id }: RepositoryKey): Promise<readonly Grant[]> {
    return this.#parts.database
      .all<Grant>(
        `SELECT 'team' AS kind, t.name, g.level FROM team_grant g JOIN team t ON t.id = g.team_id WHERE g.repository_id = ?1
         UNION ALL
         SELECT 'user', a.name, g.level FROM user_grant g JOIN account a ON a.id = g.user_id WHERE g.repository_id = ?1
         ORDER BY 1, 2`,
        id,
      )
      .map((row) => ({ ...row }));
  }

  async set(key: RepositoryKey, grantee: Grantee, level: Level, audited: Audited): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const repository = repositoryNow(database, key);
      const id = this.#granteeId(repository, grantee);
      if (id === repository.ownerId) throw conflict(`${repository.fullName} is ${grantee.name}'s own`);
      database.run(
        `INSERT INTO ${grantee.kind}_grant VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET level = excluded.level`,
        ...[repository.id, id, level],
      );
      audit.write(audited, undefined);
    });
  }

  async remove(key: RepositoryKey, grantee: Grantee, audited: Audited): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const id = this.#granteeId(repositoryNow(database, key), grantee);
      const sql = `DELETE FROM ${grantee.kind}_grant WHERE repository_id = ? AND ${grantee.kind}_id = ?`;
      if (database.run(sql, key.id, id) === 0) throw notFound('grant', grantee.name);
      audit.write(audited, undefined);
    });
  }

  #granteeId({ ownerId }: RepositoryRecord, { kind, name }: Grantee): string {
    const { database } = this.#parts;
    const row =
      kind === 'team'
        ? database.get<{ id: string }>(
            'SELECT id FROM team WHERE organisation_id = ? AND name = ?',
            ...[ownerId, name],
          )
        : database.get<{ id: string }>("SELECT id FROM account WHERE name = ? AND kind = 'user'", name);
    if (row === undefined) throw notFound(kind, name);
    return row.id;
  }
}
