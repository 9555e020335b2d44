import { notFound } from '#base/errors.ts';
import type { Audited } from '../audit.ts';
import type { FoundSession, Idle, NewSession, SessionRecord, SessionRecords } from '../sessions.ts';
import type { SqliteParts } from './parts.ts';

interface SessionRow {
  readonly id: string;
  readonly user_id: string;
  readonly created_at: string;
  readonly seen_at: string;
  readonly address: string;
  readonly agent: string;
}

const lasting = 's.expires_at > ? AND s.seen_at > ?';

export class SqliteSessions implements SessionRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async begin(
    session: NewSession,
    { seenSince, most, ends, audited }: Parameters<SessionRecords['begin']>[1],
  ): Promise<boolean> {
    const { database, audit } = this.#parts;
    const { id, hash, userId, passwordChangedAt, expiresAt, address, agent } = session;
    const at = this.#at();
    return database.transaction(() => {
      if (!maySignIn(this.#parts, { userId, passwordChangedAt })) return false;
      if (ends !== undefined && database.run('DELETE FROM session WHERE id = ?', ends.id) > 0)
        audit.write(ends.audited, undefined);
      database.run(
        `DELETE FROM session WHERE expires_at <= ?1 OR seen_at <= ?2 OR (user_id = ?3 AND id IN
           (SELECT id FROM session WHERE user_id = ?3 ORDER BY seen_at DESC LIMIT -1 OFFSET ?4))`,
        ...[at, seenSince, userId, most - 1],
      );
      database.run(
        `INSERT INTO session (id, hash, user_id, created_at, seen_at, expires_at, address, agent)
           VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6, ?7)`,
        ...[id, hash, userId, at, expiresAt, address, agent],
      );
      audit.write(audited, undefined);
      return true;
    });
  }

  async find(hash: string, { seenSince }: Idle): Promise<FoundSession | undefined> {
    const row = this.#parts.database.get<SessionRow & { readonly name: string; readonly is_admin: number }>(
      `SELECT s.*, a.name, u.is_admin FROM session s JOIN user u ON u.account_id = s.user_id JOIN account a ON a.id = s.user_id
        WHERE s.hash = ? AND ${lasting} AND u.disabled_at IS NULL`,
      ...[hash, this.#at(), seenSince],
    );
    if (row === undefined) return undefined;
    return {
      session: sessionOf(row),
      user: { id: row.user_id, name: row.name, isAdmin: row.is_admin === 1 },
    };
  }

  async seen(id: string, address: string): Promise<void> {
    this.#parts.database.run(
      'UPDATE session SET seen_at = ?, address = ? WHERE id = ?',
      this.#at(),
      address,
      id,
    );
  }

  async list(userId: string, { seenSince }: Idle): Promise<readonly SessionRecord[]> {
    return this.#parts.database
      .all<SessionRow>(
        `SELECT * FROM session s WHERE s.user_id = ? AND ${lasting}`,
        ...[userId, this.#at(), seenSince],
      )
      .map(sessionOf);
  }

  async end(userId: string, id: string, audited: Audited): Promise<void> {
    const { database, audit } = this.#parts;
    database.transaction(() => {
      const ended = ['session', 'refresh_token'].map((table) =>
        database.run(`DELETE FROM ${table} WHERE id = ? AND user_id = ?`, id, userId),
      );
      if (!ended.includes(1)) throw notFound('session', id);
      audit.write(audited, undefined);
    });
  }

  #at(): string {
    return this.#parts.now().toISOString();
  }
}

/** Whether there is such a user, who is not disabled and has that password still, where one is meant. */
export const maySignIn = (
  { database }: Pick<SqliteParts, 'database'>,
  { userId, passwordChangedAt }: { readonly userId: string; readonly passwordChangedAt?: string | undefined },
): boolean =>
  database.get(
    `SELECT 1 FROM user WHERE account_id = ?1 AND disabled_at IS NULL
        AND (?2 IS NULL OR password_changed_at = ?2)`,
    userId,
    passwordChangedAt ?? null,
  ) !== undefined;

const sessionOf = (row: SessionRow): SessionRecord => ({
  ...{ id: row.id, userId: row.user_id, address: row.address, agent: row.agent },
  ...{ createdAt: row.created_at, seenAt: row.seen_at },
});
