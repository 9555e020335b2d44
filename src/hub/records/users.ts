import type { Visibility } from '../api/accounts.ts';
import type { Audited } from './audit.ts';

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

export interface UserRecords {
  /**
   * A user with an account on the default plan.
   *
   * @param options.invitationId is used up by it
   * @throws {EngineError} `conflict` when the name or the e-mail address is taken, or the invitation used meanwhile
   */
  create(
    user: NewUserRecord,
    options: { readonly audited: Audited; readonly invitationId?: string | undefined },
  ): Promise<UserRecord>;
}
