import { conflict, notFound } from '#base/errors.ts';
import type { Audited } from '../audit.ts';
import type {
  NewUserRecord,
  UserDescription,
  UserRecord,
  UserRecords,
  UserRights,
  UserSummary,
} from '../users.ts';
import { checkNameFree, describeAccount, insertAccount } from './accounts.ts';
import { takeInvitation } from './invitations.ts';
import type { SqliteParts } from './parts.ts';
import { type UserRow, userOf, userSql } from './user-row.ts';

/** How many `list` reads at once. */
const pageSize = 500;

export class SqliteUsers implements UserRecords {
  readonly #parts: SqliteParts;

  constructor(parts: SqliteParts) {
    this.#parts = parts;
  }

  async find(name: string): Promise<UserRecord | undefined> {
    return this.#one('a.name', name);
  }

  async findById(id: string): Promise<UserRecord | undefined> {
    return this.#one('a.id', id);
  }

  async *list(): AsyncGenerator<UserSummary> {
    const sql = `SELECT a.name, u.is_admin, u.disabled_at, a.created_at
      FROM account a JOIN user u ON u.account_id = a.id WHERE a.name > ? ORDER BY a.name LIMIT ${pageSize}`;
    for (let last = ''; ; ) {
      const page = this.#parts.database.all<SummaryRow>(sql, last);
      yield* page.map(summaryOf);
      if (page.length < pageSize) return;
      last = page.at(-1)!.name;
    }
  }

  async hasAdministrator(): Promise<boolean> {
    return this.#administrators() > 0;
  }

  async checkFree({ name, email }: { readonly name?: string; readonly email?: string }): Promise<void> {
    if (name !== undefined) checkNameFree(this.#parts, name);
    if (email !== undefined) this.#checkEmailFree(email);
  }

  async create(
    user: NewUserRecord,
    { audited, invitation }: Parameters<UserRecords['create']>[1],
  ): Promise<UserRecord> {
    const { database, audit, now } = this.#parts;
    const { id, name, email, passwordHash, isAdmin } = user;
    return database.transaction(() => {
      insertAccount(this.#parts, { id, name, kind: 'user' });
      this.#checkEmailFree(email);
      database.run(
        'INSERT INTO user (account_id, email, password_hash, password_changed_at, is_admin) VALUES (?, ?, ?, ?, ?)',
        ...[id, email, passwordHash, now().toISOString(), isAdmin ? 1 : 0],
      );
      if (invitation !== undefined) takeInvitation(this.#parts, { ...invitation, userId: id });
      const made = this.#get(id);
      audit.write(audited, made);
      return made;
    });
  }

  async setPassword(
    id: string,
    { hash, keepSession = '' }: { readonly hash: string; readonly keepSession?: string | undefined },
    audited: Audited,
  ): Promise<void> {
    const { database, audit, now } = this.#parts;
    database.transaction(() => {
      const changed = database.run(
        'UPDATE user SET password_hash = ?, password_changed_at = ? WHERE account_id = ?',
        ...[hash, now().toISOString(), id],
      );
      if (changed === 0) throw notFound('user', id);
      this.#signOut(id, keepSession);
      audit.write(audited, undefined);
    });
  }

  async replaceHash(id: string, hash: { readonly old: string; readonly new: string }): Promise<boolean> {
    const changed = this.#parts.database.run(
      'UPDATE user SET password_hash = ? WHERE account_id = ? AND password_hash = ?',
      ...[hash.new, id, hash.old],
    );
    return changed > 0;
  }

  async setRights(
    id: string,
    { isAdmin, isDisabled }: UserRights,
    audited: Audited<keyof UserRights>,
  ): Promise<UserRecord> {
    const { database, audit } = this.#parts;
    return database.transaction(() => {
      if (isAdmin !== undefined && this.#setAdmin(this.#get(id), isAdmin)) audit.write(audited, 'isAdmin');
      if (isDisabled !== undefined && this.#setDisabled(this.#get(id), isDisabled))
        audit.write(audited, 'isDisabled');
      return this.#get(id);
    });
  }

  async change(id: string, change: UserDescription, audited: Audited): Promise<UserRecord> {
    const { database, audit } = this.#parts;
    const { email } = change;
    return database.transaction(() => {
      if (email !== undefined) this.#checkEmailFree(email, id);
      describeAccount(this.#parts, id, change);
      if (email !== undefined) database.run('UPDATE user SET email = ? WHERE account_id = ?', email, id);
      audit.write(audited, undefined);
      return this.#get(id);
    });
  }

  /** @returns whether it was otherwise */
  #setAdmin(user: UserRecord, isAdmin: boolean): boolean {
    if (user.isAdmin === isAdmin) return false;
    if (!isAdmin) this.#checkNotLast(user);
    this.#parts.database.run('UPDATE user SET is_admin = ? WHERE account_id = ?', isAdmin ? 1 : 0, user.id);
    return true;
  }

  /** @returns whether it was otherwise */
  #setDisabled(user: UserRecord, isDisabled: boolean): boolean {
    const { database, now } = this.#parts;
    if ((user.disabledAt !== undefined) === isDisabled) return false;
    if (isDisabled) this.#checkNotLast(user);
    const at = isDisabled ? now().toISOString() : null;
    database.run('UPDATE user SET disabled_at = ? WHERE account_id = ?', at, user.id);
    if (isDisabled) this.#signOut(user.id);
    return true;
  }

  #signOut(id: string, keepSession = ''): void {
    const { database } = this.#parts;
    database.run('DELETE FROM session WHERE user_id = ? AND id <> ?', id, keepSession);
    database.run('DELETE FROM refresh_token WHERE user_id = ?', id);
  }

  #one(column: 'a.id' | 'a.name', value: string): UserRecord | undefined {
    const row = this.#parts.database.get<UserRow>(`${userSql} WHERE ${column} = ?`, value);
    return row && userOf(row);
  }

  #get(id: string): UserRecord {
    const user = this.#one('a.id', id);
    if (user === undefined) throw notFound('user', id);
    return user;
  }

  #administrators(): number {
    return this.#parts.database.get<{ n: number }>(
      'SELECT count(*) AS n FROM user WHERE is_admin = 1 AND disabled_at IS NULL',
    )!.n;
  }

  #checkNotLast(user: UserRecord): void {
    if (user.isAdmin && user.disabledAt === undefined && this.#administrators() === 1)
      throw conflict(`${user.name} is the last administrator`);
  }

  /** @param but the user who may have it */
  #checkEmailFree(email: string, but = ''): void {
    const sql = "SELECT 1 FROM user WHERE lower(email) = lower(?) AND email <> '' AND account_id <> ?";
    if (email !== '' && this.#parts.database.get(sql, email, but) !== undefined)
      throw conflict('that e-mail address is in use');
  }
}

type SummaryRow = Pick<UserRow, 'name' | 'is_admin' | 'disabled_at' | 'created_at'>;

const summaryOf = (row: SummaryRow): UserSummary => ({
  ...{ name: row.name, isAdmin: row.is_admin === 1, isDisabled: row.disabled_at !== null },
  createdAt: row.created_at,
});
