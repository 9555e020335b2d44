import { conflict } from '#base/errors.ts';
import type { Visibility } from '../../api/accounts.ts';
import type { Audited } from '../audit.ts';
import type { NewUserRecord, UserRecord, UserRecords } from '../users.ts';
import { insertAccount } from './accounts.ts';
import type { SqliteParts } from './parts.ts';

interface UserRow {
  readonly id: string;
  readonly name: string;
  readonly display_name: string;
  readonly email: string;
  readonly default_visibility: Visibility;
  readonly created_at: string;
  readonly password_hash: string;
  readonly password_changed_at: string;
  readonly is_admin: number;
  readonly disabled_at: string | null;
  readonly totp_secret: Uint8Array | null;
  readonly totp_confirmed_at: string | null;
  readonly totp_last_step: number;
}

const userSql = `SELECT a.id, a.name, a.display_name, a.default_visibility, a.created_at, u.email, u.password_hash,
    u.password_changed_at, u.is_admin, u.disabled_at, u.totp_secret, u.totp_confirmed_at, u.totp_last_step
  FROM account a JOIN user u ON u.account_id = a.id`;

export class SqliteUsers implements UserRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async create(
    user: NewUserRecord,
    { audited, invitationId }: { readonly audited: Audited; readonly invitationId?: string | undefined },
  ): Promise<UserRecord> {
    const { database, audit, now } = this.#parts;
    const { id, name, email, passwordHash, isAdmin } = user;
    return database.transaction(() => {
      insertAccount(this.#parts, { id, name, kind: 'user' });
      this.#checkFree(email);
      database.run(
        'INSERT INTO user (account_id, email, password_hash, password_changed_at, is_admin) VALUES (?, ?, ?, ?, ?)',
        ...[id, email, passwordHash, now().toISOString(), isAdmin ? 1 : 0],
      );
      if (invitationId !== undefined) throw conflict('the invitation is used');
      audit.write(audited, undefined);
      return this.#byId(id)!;
    });
  }

  #byId(id: string): UserRecord | undefined {
    const row = this.#parts.database.get<UserRow>(`${userSql} WHERE a.id = ?`, id);
    return row && userOf(row);
  }

  #checkFree(email: string): void {
    const sql = "SELECT 1 FROM user WHERE lower(email) = lower(?) AND email <> ''";
    if (email !== '' && this.#parts.database.get(sql, email) !== undefined)
      throw conflict('that e-mail address is in use');
  }
}

const userOf = (row: UserRow): UserRecord => ({
  ...{ id: row.id, name: row.name, displayName: row.display_name, email: row.email },
  ...{ defaultVisibility: row.default_visibility, createdAt: row.created_at },
  ...{ passwordHash: row.password_hash, passwordChangedAt: row.password_changed_at },
  isAdmin: row.is_admin === 1,
  ...(row.disabled_at !== null && { disabledAt: row.disabled_at }),
  ...(row.totp_secret !== null && {
    secondFactor: {
      secret: row.totp_secret,
      ...(row.totp_confirmed_at !== null && { confirmedAt: row.totp_confirmed_at }),
      lastStep: row.totp_last_step,
    },
  }),
});
