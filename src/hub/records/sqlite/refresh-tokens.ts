import type { Level } from '../../api/accounts.ts';
import type { Audited } from '../audit.ts';
import type { NewRefreshToken, RefreshTokenRecord, RefreshTokenRecords } from '../refresh-tokens.ts';
import type { SqliteParts } from './parts.ts';
import { maySignIn } from './sessions.ts';

interface RefreshTokenRow {
  readonly id: string;
  readonly user_id: string;
  readonly client: string;
  readonly created_at: string;
  readonly seen_at: string;
  readonly address: string;
  readonly scope: Level | null;
}

const select =
  'SELECT r.*, t.scope FROM refresh_token r LEFT JOIN access_token t ON t.id = r.access_token_id' as const;

export class SqliteRefreshTokens implements RefreshTokenRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async create(token: NewRefreshToken, most: number, audited: Audited): Promise<boolean> {
    const { database, audit } = this.#parts;
    const { id, hash, userId, accessTokenId, client, expiresAt, address } = token;
    const at = this.#at();
    return database.transaction(() => {
      if (!maySignIn(this.#parts, token) || !this.#isThere(accessTokenId)) return false;
      database.run(
        `DELETE FROM refresh_token WHERE expires_at <= ?1 OR (user_id = ?2 AND id IN
           (SELECT id FROM refresh_token WHERE user_id = ?2 ORDER BY seen_at DESC LIMIT -1 OFFSET ?3))`,
        ...[at, userId, most - 1],
      );
      database.run(
        `INSERT INTO refresh_token (id, hash, user_id, access_token_id, client, created_at, seen_at, expires_at, address)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7, ?8)`,
        ...[id, hash, userId, accessTokenId ?? null, client, at, expiresAt, address],
      );
      audit.write(audited, undefined);
      return true;
    });
  }

  async find(hash: string): Promise<RefreshTokenRecord | undefined> {
    const row = this.#parts.database.get<RefreshTokenRow>(
      `${select} WHERE r.hash = ?1 AND r.expires_at > ?2 AND (t.expires_at IS NULL OR t.expires_at > ?2)`,
      hash,
      this.#at(),
    );
    return row && tokenOf(row);
  }

  async used(id: string, use: { readonly address: string; readonly expiresAt: string }): Promise<void> {
    this.#parts.database.run(
      'UPDATE refresh_token SET seen_at = ?, expires_at = ?, address = ? WHERE id = ?',
      ...[this.#at(), use.expiresAt, use.address, id],
    );
  }

  async list(userId: string): Promise<readonly RefreshTokenRecord[]> {
    return this.#parts.database
      .all<RefreshTokenRow>(`${select} WHERE r.user_id = ? AND r.expires_at > ?`, userId, this.#at())
      .map(tokenOf);
  }

  #isThere(accessTokenId: string | undefined): boolean {
    const sql = 'SELECT 1 FROM access_token WHERE id = ?';
    return accessTokenId === undefined || this.#parts.database.get(sql, accessTokenId) !== undefined;
  }

  #at(): string {
    return this.#parts.now().toISOString();
  }
}

const tokenOf = (row: RefreshTokenRow): RefreshTokenRecord => ({
  ...{ id: row.id, userId: row.user_id, client: row.client, address: row.address },
  ...{ createdAt: row.created_at, seenAt: row.seen_at },
  ...(row.scope !== null && { scope: row.scope }),
});
