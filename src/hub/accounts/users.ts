import { conflict, notFound } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import type { HubRooms } from '../rooms.ts';
import { checkVisibility, insertAccount, personOf, type UserRow } from './account-record.ts';
import { checkAccountName, checkDisplayName, checkEmail } from './names.ts';
import type { PasswordHasher } from './password-hash.ts';
import { checkPassword } from './password-rules.ts';

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly email?: string | undefined;
  readonly isAdmin?: boolean | undefined;
}

const columns = `a.id, a.name, a.display_name, a.default_visibility, a.created_at, u.email, u.password_hash,
  u.password_changed_at, u.is_admin, u.disabled_at, u.totp_secret, u.totp_confirmed_at, u.totp_last_step`;

/** The program, where it acts by itself: at its command line, at its first start. */
export const program: Actor = { kind: 'stranger', address: 'local' };

/** The Hub's users: records, passwords, rights. Who may call what is decided by those who call. */
export class Users {
  readonly #rooms: HubRooms;
  readonly #hasher: PasswordHasher;

  constructor(rooms: HubRooms, hasher: PasswordHasher) {
    this.#rooms = rooms;
    this.#hasher = hasher;
  }

  /** False at the first start: the program then says how to make one. */
  hasAdministrator(): boolean {
    return this.#administrators() > 0;
  }

  find(name: string): UserRow | undefined {
    return this.#rooms.database.get<UserRow>(
      `SELECT ${columns} FROM account a JOIN user u ON u.account_id = a.id WHERE a.name = ?`,
      name,
    );
  }

  findById(id: string): UserRow | undefined {
    return this.#rooms.database.get<UserRow>(
      `SELECT ${columns} FROM account a JOIN user u ON u.account_id = a.id WHERE a.id = ?`,
      id,
    );
  }

  /** @throws {EngineError} `notFound` */
  get(name: string): UserRow {
    const user = this.find(name);
    if (user === undefined) throw notFound('user', name);
    return user;
  }

  list(): readonly {
    readonly name: string;
    readonly isAdmin: boolean;
    readonly isDisabled: boolean;
    readonly createdAt: string;
  }[] {
    return this.#rooms.database
      .all<Pick<UserRow, 'name' | 'is_admin' | 'disabled_at' | 'created_at'>>(
        `SELECT a.name, u.is_admin, u.disabled_at, a.created_at
           FROM account a JOIN user u ON u.account_id = a.id ORDER BY a.name`,
      )
      .map((row) => ({
        name: row.name,
        isAdmin: row.is_admin === 1,
        isDisabled: row.disabled_at !== null,
        createdAt: row.created_at,
      }));
  }

  /**
   * @param options.by who does it; the new user when one signs up by oneself
   * @param options.also what else is to be done in the same transaction, or not at all
   * @throws {EngineError} `invalid` for a name, address or password that will not do; `conflict` when the name is taken
   */
  async create(
    { name, password, email = '', isAdmin = false }: NewUser,
    options: { readonly by?: Actor | undefined; readonly also?: (userId: string) => void } = {},
  ): Promise<UserRow> {
    checkAccountName(name);
    if (email !== '') checkEmail(email);
    checkPassword(password, name);
    this.checkFree(name, email);
    const passwordHash = await this.#hasher.hash(password);
    const { database, audit } = this.#rooms;
    return database.transaction(() => {
      this.checkFree(name, email);
      const id = insertAccount(this.#rooms, { name, kind: 'user' });
      database.run(
        'INSERT INTO user (account_id, email, password_hash, password_changed_at, is_admin) VALUES (?, ?, ?, ?, ?)',
        ...[id, email, passwordHash, this.#at(), isAdmin ? 1 : 0],
      );
      options.also?.(id);
      const user = this.findById(id)!;
      const { by = program } = options;
      const actor = by.kind === 'stranger' && by !== program ? personOf(user, by.address) : by;
      audit.add({ actor, action: 'user.create', target: name, ownerId: id, details: { isAdmin } });
      return user;
    });
  }

  /** @throws {EngineError} `conflict` */
  checkFree(name: string, email = ''): void {
    const { database } = this.#rooms;
    if (database.get('SELECT 1 FROM account WHERE name = ?', name) !== undefined)
      throw conflict(`the name ${name} is taken`);
    if (
      email !== '' &&
      database.get("SELECT 1 FROM user WHERE lower(email) = lower(?) AND email <> ''", email) !== undefined
    )
      throw conflict('that e-mail address is in use');
  }

  /** Every session and every registry sign-in ends, but for `keepSession`. @throws {EngineError} */
  async setPassword(
    name: string,
    password: string,
    options: { readonly by?: Actor; readonly keepSession?: string | undefined } = {},
  ): Promise<void> {
    const { id } = this.get(name);
    checkPassword(password, name);
    const hash = await this.#hasher.hash(password);
    const { database, audit } = this.#rooms;
    database.transaction(() => {
      const changed = database.run(
        'UPDATE user SET password_hash = ?, password_changed_at = ? WHERE account_id = ?',
        ...[hash, this.#at(), id],
      );
      if (changed === 0) throw notFound('user', name);
      database.run('DELETE FROM session WHERE user_id = ? AND id <> ?', id, options.keepSession ?? '');
      database.run('DELETE FROM refresh_token WHERE user_id = ?', id);
      audit.add({ actor: options.by ?? program, action: 'user.set-password', target: name, ownerId: id });
    });
  }

  /** The same password at what it costs today; nothing when it was changed meanwhile. */
  async rehash(user: UserRow, password: string): Promise<void> {
    if (!this.#hasher.isStale(user.password_hash)) return;
    const hash = await this.#hasher.hash(password);
    this.#rooms.database.run(
      'UPDATE user SET password_hash = ? WHERE account_id = ? AND password_hash = ?',
      ...[hash, user.id, user.password_hash],
    );
  }

  /** @throws {EngineError} `conflict` for the last administrator's */
  setAdmin(name: string, isAdmin: boolean, by: Actor = program): void {
    const { database, audit } = this.#rooms;
    database.transaction(() => {
      const user = this.get(name);
      if ((user.is_admin === 1) === isAdmin) return;
      if (!isAdmin) this.#checkNotLast(user);
      database.run('UPDATE user SET is_admin = ? WHERE account_id = ?', isAdmin ? 1 : 0, user.id);
      audit.add({
        actor: by,
        action: 'user.set-admin',
        target: name,
        ownerId: user.id,
        details: { isAdmin },
      });
    });
  }

  /** A disabled user signs in nowhere, and is signed out everywhere at once. @throws {EngineError} `conflict` for the last administrator */
  disable(name: string, isDisabled = true, by: Actor = program): void {
    const { database, audit } = this.#rooms;
    database.transaction(() => {
      const user = this.get(name);
      if ((user.disabled_at !== null) === isDisabled) return;
      if (isDisabled) this.#checkNotLast(user);
      database.run(
        'UPDATE user SET disabled_at = ? WHERE account_id = ?',
        isDisabled ? this.#at() : null,
        user.id,
      );
      if (isDisabled) {
        database.run('DELETE FROM session WHERE user_id = ?', user.id);
        database.run('DELETE FROM refresh_token WHERE user_id = ?', user.id);
      }
      const action = isDisabled ? 'user.disable' : 'user.enable';
      audit.add({ actor: by, action, target: name, ownerId: user.id });
    });
  }

  /** What users say of themselves. @throws {EngineError} `invalid`, `conflict` */
  change(
    user: UserRow,
    change: {
      readonly displayName?: string | undefined;
      readonly email?: string | undefined;
      readonly defaultVisibility?: string | undefined;
    },
    by: Actor,
  ): void {
    const { database, audit } = this.#rooms;
    const { displayName, email, defaultVisibility } = change;
    if (displayName !== undefined) checkDisplayName(displayName);
    if (email !== undefined && email !== '') checkEmail(email);
    if (defaultVisibility !== undefined) checkVisibility(defaultVisibility);
    database.transaction(() => {
      if (email !== undefined && email.toLowerCase() !== user.email.toLowerCase()) this.checkFree('', email);
      database.run(
        `UPDATE account SET display_name = coalesce(?, display_name), default_visibility = coalesce(?, default_visibility)
          WHERE id = ?`,
        ...[displayName ?? null, defaultVisibility ?? null, user.id],
      );
      if (email !== undefined) database.run('UPDATE user SET email = ? WHERE account_id = ?', email, user.id);
      audit.add({
        ...{ actor: by, action: 'user.change', target: user.name, ownerId: user.id },
        details: { fields: Object.keys(change) },
      });
    });
  }

  #administrators(): number {
    return this.#rooms.database.get<{ n: number }>(
      'SELECT count(*) AS n FROM user WHERE is_admin = 1 AND disabled_at IS NULL',
    )!.n;
  }

  #checkNotLast(user: UserRow): void {
    if (user.is_admin === 1 && user.disabled_at === null && this.#administrators() === 1)
      throw conflict(`${user.name} is the last administrator`);
  }

  #at(): string {
    return this.#rooms.now().toISOString();
  }
}
