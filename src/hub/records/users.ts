import type { Visibility } from '../api/accounts.ts';
import type { Audited } from './audit.ts';
import type { InvitationRecord } from './invitations.ts';

/** A user's record, whole. */
export interface UserRecord {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  /** `''` without one. */
  readonly email: string;
  readonly defaultVisibility: Visibility;
  readonly createdAt: string;
  /** As `password-hash.ts` writes it. */
  readonly passwordHash: string;
  readonly passwordChangedAt: string;
  readonly isAdmin: boolean;
  readonly disabledAt?: string;
  /** In use once it is confirmed. */
  readonly secondFactor?: {
    readonly secret: Uint8Array;
    readonly confirmedAt?: string;
    /** The last time step whose code was taken: none is taken twice. */
    readonly lastStep: number;
  };
}

export interface NewUserRecord {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly isAdmin: boolean;
}

/** What lists say of a user. */
export interface UserSummary {
  readonly name: string;
  readonly isAdmin: boolean;
  readonly isDisabled: boolean;
  readonly createdAt: string;
}

/** What is absent stays as it is. */
export interface UserRights {
  readonly isAdmin?: boolean | undefined;
  readonly isDisabled?: boolean | undefined;
}

/** What is absent stays as it is. */
export interface UserDescription {
  readonly displayName?: string | undefined;
  readonly email?: string | undefined;
  readonly defaultVisibility?: Visibility | undefined;
}

/** Users: their passwords, rights, and what they say of themselves. */
export interface UserRecords {
  find(name: string): Promise<UserRecord | undefined>;
  findById(id: string): Promise<UserRecord | undefined>;
  /** All, by name. */
  list(): AsyncIterable<UserSummary>;
  /** One that is disabled is none. */
  hasAdministrator(): Promise<boolean>;
  /**
   * A look before `create` and `change`, which look again.
   *
   * @throws {EngineError} `conflict` when an account has the name, or a user the e-mail address, in whatever case
   */
  checkFree(wanted: { readonly name?: string; readonly email?: string }): Promise<void>;
  /**
   * A user with an account on the default plan.
   *
   * @param options.invitation is used up by it: the user is a member then of the organisation that it is to, with an audit
   *   entry of its own, before the user's
   * @throws {EngineError} `conflict` when the name or the e-mail address is taken, or the invitation cannot be used any more
   */
  create(
    user: NewUserRecord,
    options: {
      readonly audited: Audited<UserRecord>;
      readonly invitation?: { readonly id: string; readonly joined: Audited<InvitationRecord> } | undefined;
    },
  ): Promise<UserRecord>;
  /**
   * The user's sessions and refresh tokens end with the old password.
   *
   * @param password.keepSession the id of the one session that does not
   * @throws {EngineError} `notFound`
   */
  setPassword(
    id: string,
    password: { readonly hash: string; readonly keepSession?: string | undefined },
    audited: Audited,
  ): Promise<void>;
  /** Another hash of the same password. @returns false, and nothing is done, when it is not the one that was read any more */
  replaceHash(id: string, hash: { readonly old: string; readonly new: string }): Promise<boolean>;
  /**
   * One who is disabled loses its sessions and refresh tokens.
   *
   * @param audited is written for each right that was another before
   * @throws {EngineError} `notFound`; `conflict` when the Hub would have no administrator then who is not disabled
   */
  setRights(id: string, rights: UserRights, audited: Audited<keyof UserRights>): Promise<UserRecord>;
  /** @throws {EngineError} `notFound`; `conflict` when the e-mail address is another user's */
  change(id: string, change: UserDescription, audited: Audited): Promise<UserRecord>;
}
