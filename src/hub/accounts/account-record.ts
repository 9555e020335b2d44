import { invalid } from '#base/errors.ts';
import type { Person } from '../access/index.ts';
import type { Visibility } from '../api/accounts.ts';
import type { HubRooms } from '../rooms.ts';
import { newRecordId } from './secrets.ts';

/** A user's record, whole. */
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

/** A new account on the default plan. Within a transaction that has found its name free. */
export function insertAccount(
  { database, now }: HubRooms,
  account: { readonly name: string; readonly kind: 'user' | 'organisation'; readonly displayName?: string },
): string {
  const id = newRecordId();
  database.run(
    `INSERT INTO account (id, name, kind, display_name, plan_id, created_at)
       VALUES (?, ?, ?, ?, (SELECT id FROM plan ORDER BY is_default DESC, position LIMIT 1), ?)`,
    ...[id, account.name, account.kind, account.displayName ?? '', now().toISOString()],
  );
  return id;
}

/** @throws {EngineError} `invalid` */
export function checkVisibility(value: string): asserts value is Visibility {
  if (value !== 'public' && value !== 'private') throw invalid('a visibility is public or private');
}

/** A user who has just shown to be it, in full. */
export const personOf = (user: UserRow, address: string): Person => ({
  ...{ kind: 'person', id: user.id, name: user.name, isAdmin: user.is_admin === 1, address },
  ...{ via: 'password', ceiling: 'admin' },
});
