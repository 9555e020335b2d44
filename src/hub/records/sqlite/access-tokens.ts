import { invalid, notFound } from '#base/errors.ts';
import type { Level } from '../../api/accounts.ts';
import type { AccessTokenRecord, AccessTokenRecords, NewAccessToken } from '../access-tokens.ts';
import type { Audited } from '../audit.ts';
import type { SqliteParts } from './parts.ts';

interface AccessTokenRow {
  readonly id: string;
  readonly user_id: string;
  readonly name: string;
  readonly scope: Level;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly last_address: string | null;
}

export class SqliteAccessTokens implements AccessTokenRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async create(token: NewAccessToken, most: number, audited: Audited): Promise<AccessTokenRecord> {
    const { database, audit } = this.#parts;
    const { id, hash, userId, name, scope, expiresAt } = token;
    return database.transaction(() => {
      if (database.get('SELECT 1 FROM user WHERE account_id = ?', userId) === undefined)
        throw notFound('user', userId);
      const { n } = database.get<{ n: number }>(
        'SELECT count(*) AS n FROM access_token WHERE user_id = ?',
        userId,
      )!;
      if (n >= most) throw invalid(`a user has at most ${most} access tokens`);
      database.run(
        `INSERT INTO access_token (id, hash, user_id, name, scope, created_at, expires_at)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        ...[id, hash, userId, name, scope, this.#at(), expiresAt ?? null],
      );
      audit.write(audited, undefined);
      return this.#byId(id)!;
    });
  }

  async list(userId: string): Promise<readonly AccessTokenRecord[]> {
    return this.#parts.database
      .all<AccessTokenRow>(
        'SELECT * FROM access_token WHERE user_id = ? ORDER BY created_at DESC, id',
        userId,
      )
      .map(tokenOf);
  }

  async find(hash: string): Promise<AccessTokenRecord | undefined> {
    const row = this.#parts.database.get<AccessTokenRow>(
      'SELECT * FROM access_token WHERE hash = ? AND (expires_at IS NULL OR expires_at > ?)',
      hash,
      this.#at(),
    );
    return row && tokenOf(row);
  }

  async used(id: string, address: string): Promise<void> {
    this.#parts.database.run(
      'UPDATE access_token SET last_used_at = ?, last_address = ? WHERE id = ?',
      ...[this.#at(), address, id],
    );
  }

  async revoke(userId: string, id: string, audited: Audited<AccessTokenRecord>): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const token = this.#byId(id);
      if (token?.userId !== userId) throw notFound('access token', id);
      database.run('DELETE FROM access_token WHERE id = ?', id);
      audit.write(audited, token);
    });
  }

  #byId(id: string): AccessTokenRecord | undefined {
    const row = this.#parts.database.get<AccessTokenRow>('SELECT * FROM access_token WHERE id = ?', id);
    return row && tokenOf(row);
  }

  #at(): string {
    return this.#parts.now().toISOString();
  }
}

const tokenOf = (row: AccessTokenRow): AccessTokenRecord => ({
  ...{ id: row.id, userId: row.user_id, name: row.name, scope: row.scope, createdAt: row.created_at },
  ...(row.expires_at !== null && { expiresAt: row.expires_at }),
  ...(row.last_used_at !== null && { lastUse: { at: row.last_used_at, address: row.last_address ?? '' } }),
});
