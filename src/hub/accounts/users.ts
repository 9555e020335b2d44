import { notFound } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import type {
  InvitationRecord,
  UserDescription,
  UserRecord,
  UserRecords,
  UserRights,
  UserSummary,
} from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { checkVisibility, personOf, userEntry } from './account-record.ts';
import { joinEntry } from './invitations.ts';
import { checkAccountName, checkDisplayName, checkEmail } from './names.ts';
import type { PasswordHasher } from './password-hash.ts';
import { checkPassword } from './password-rules.ts';
import { newRecordId } from './secrets.ts';

export interface NewUser {
  readonly name: string;
  readonly password: string;
  readonly email?: string | undefined;
  readonly isAdmin?: boolean | undefined;
}

/** The program, where it acts by itself: at its command line, at its first start. */
export const program: Actor = { kind: 'stranger', address: 'local' };

/** The Hub's users: names, passwords, rights. Who may call what is decided by those who call. */
export class Users {
  readonly #records: UserRecords;
  readonly #hasher: PasswordHasher;

  constructor({ records }: HubRooms, hasher: PasswordHasher) {
    this.#records = records.users;
    this.#hasher = hasher;
  }

  /** False at the first start: the program then says how to make one. */
  hasAdministrator(): Promise<boolean> {
    return this.#records.hasAdministrator();
  }

  find(name: string): Promise<UserRecord | undefined> {
    return this.#records.find(name);
  }

  findById(id: string): Promise<UserRecord | undefined> {
    return this.#records.findById(id);
  }

  /** @throws {EngineError} `notFound` */
  async get(name: string): Promise<UserRecord> {
    const user = await this.#records.find(name);
    if (user === undefined) throw notFound('user', name);
    return user;
  }

  /** By name. */
  list(): Promise<readonly UserSummary[]> {
    return Array.fromAsync(this.#records.list());
  }

  /**
   * @param options.by who does it; the new user when one signs up by oneself
   * @param options.invitation is used up by it
   * @throws {EngineError} `invalid` for a name, address or password that will not do; `conflict` when the name is taken
   */
  async create(
    { name, password, email = '', isAdmin = false }: NewUser,
    options: { readonly by?: Actor | undefined; readonly invitation?: InvitationRecord | undefined } = {},
  ): Promise<UserRecord> {
    checkAccountName(name);
    if (email !== '') checkEmail(email);
    checkPassword(password, name);
    await this.checkFree({ name, email });
    const passwordHash = await this.#hasher.hash(password);
    const { by = program, invitation } = options;
    return this.#records.create(
      { id: newRecordId(), name, email, passwordHash, isAdmin },
      {
        audited: (user) => ({
          actor: by.kind === 'stranger' && by !== program ? personOf(user, by.address) : by,
          ...{ action: 'user.create', target: name, ownerId: user.id, details: { isAdmin } },
        }),
        ...(invitation !== undefined && {
          invitation: { id: invitation.id, joined: joinEntry(name, by) },
        }),
      },
    );
  }

  /** @throws {EngineError} `conflict` */
  checkFree(wanted: { readonly name?: string; readonly email?: string }): Promise<void> {
    return this.#records.checkFree(wanted);
  }

  /** Every session and every registry sign-in ends, but for `keepSession`. @throws {EngineError} */
  async setPassword(
    name: string,
    password: string,
    options: { readonly by?: Actor; readonly keepSession?: string | undefined } = {},
  ): Promise<void> {
    const { by = program, keepSession } = options;
    const user = await this.get(name);
    checkPassword(password, name);
    const hash = await this.#hasher.hash(password);
    await this.#records.setPassword(user.id, { hash, keepSession }, userEntry(user, 'user.set-password', by));
  }

  /** The same password at what it costs today; nothing when it was changed meanwhile. */
  async rehash({ id, passwordHash }: UserRecord, password: string): Promise<void> {
    if (!this.#hasher.isStale(passwordHash)) return;
    await this.#records.replaceHash(id, { old: passwordHash, new: await this.#hasher.hash(password) });
  }

  /**
   * One who is disabled signs in nowhere, and is signed out everywhere at once.
   *
   * @throws {EngineError} `notFound`; `conflict` for what would leave no administrator
   */
  async setRights(name: string, rights: UserRights, by: Actor = program): Promise<UserRecord> {
    const user = await this.get(name);
    const { isAdmin, isDisabled } = rights;
    return this.#records.setRights(user.id, rights, (right) =>
      right === 'isAdmin'
        ? { ...userEntry(user, 'user.set-admin', by), details: { isAdmin } }
        : userEntry(user, isDisabled === true ? 'user.disable' : 'user.enable', by),
    );
  }

  /** What users say of themselves. @throws {EngineError} `invalid`, `conflict` */
  async change(
    user: UserRecord,
    change: Omit<UserDescription, 'defaultVisibility'> & { readonly defaultVisibility?: string | undefined },
    by: Actor,
  ): Promise<UserRecord> {
    const { displayName, email, defaultVisibility } = change;
    if (displayName !== undefined) checkDisplayName(displayName);
    if (email !== undefined && email !== '') checkEmail(email);
    if (defaultVisibility !== undefined) checkVisibility(defaultVisibility);
    return this.#records.change(
      user.id,
      { displayName, email, defaultVisibility },
      { ...userEntry(user, 'user.change', by), details: { fields: Object.keys(change) } },
    );
  }
}
