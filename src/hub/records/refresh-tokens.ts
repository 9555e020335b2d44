import type { Level } from '../api/accounts.ts';
import type { Audited } from './audit.ts';

/** A registry sign-in: what a client keeps in place of a password or an access token. The hash is that of its secret. */
export interface RefreshTokenRecord {
  readonly id: string;
  readonly userId: string;
  /** What the client calls itself, `''` when nothing. */
  readonly client: string;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly address: string;
  /** Of the access token that it was given for; absent when it was a password. */
  readonly scope?: Level;
}

export interface NewRefreshToken {
  readonly id: string;
  readonly hash: string;
  readonly userId: string;
  /** When the password was set that it was given for. */
  readonly passwordChangedAt?: string | undefined;
  /** What it was given for, and ends with. */
  readonly accessTokenId?: string | undefined;
  readonly client: string;
  readonly expiresAt: string;
  readonly address: string;
}

export interface RefreshTokenRecords {
  /**
   * Those of everyone that have expired go first, and the user's longest unused where there would be more than `most`.
   *
   * @returns false, and nothing is done, when the user or the access token is gone, the password another, or the user disabled
   */
  create(token: NewRefreshToken, most: number, audited: Audited): Promise<boolean>;
  /** The one of a secret, unless it or the access token that it was given for has expired. */
  find(hash: string): Promise<RefreshTokenRecord | undefined>;
  /** It is used now, and lasts longer. */
  used(id: string, use: { readonly address: string; readonly expiresAt: string }): Promise<void>;
  /** A user's that have not expired, in no order. */
  list(userId: string): Promise<readonly RefreshTokenRecord[]>;
}
