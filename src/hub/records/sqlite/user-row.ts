import type { Visibility } from '../../api/accounts.ts';
import type { UserRecord } from '../users.ts';

export interface UserRow {
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

/** To be followed by a condition on the account `a` and the user `u`. */
export const userSql = `SELECT a.id, a.name, a.display_name, a.default_visibility, a.created_at, u.email, u.password_hash,
    u.password_changed_at, u.is_admin, u.disabled_at, u.totp_secret, u.totp_confirmed_at, u.totp_last_step
  FROM account a JOIN user u ON u.account_id = a.id`;

export const userOf = (row: UserRow): UserRecord => ({
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
