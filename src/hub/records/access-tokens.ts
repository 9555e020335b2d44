import type { Level } from '../api/accounts.ts';
import type { Audited } from './audit.ts';

/** A personal access token. The hash is that of its secret, which is kept nowhere. */
export interface AccessTokenRecord {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly scope: Level;
  readonly createdAt: string;
  /** Never when absent. */
  readonly expiresAt?: string;
  /** About when, and from where; absent before its first use. */
  readonly lastUse?: { readonly at: string; readonly address: string };
}

export interface NewAccessToken {
  readonly id: string;
  readonly hash: string;
  readonly userId: string;
  readonly name: string;
  readonly scope: Level;
  readonly expiresAt?: string | undefined;
}

export interface AccessTokenRecords {
  /** @throws {EngineError} `invalid` when the user has `most` already; `notFound` without such a user */
  create(token: NewAccessToken, most: number, audited: Audited): Promise<AccessTokenRecord>;
  /** A user's, newest first, with those that have expired. */
  list(userId: string): Promise<readonly AccessTokenRecord[]>;
  /** The one of a secret, unless it has expired. */
  find(hash: string): Promise<AccessTokenRecord | undefined>;
  /** It is used now, from that address. */
  used(id: string, address: string): Promise<void>;
  /** Registry sign-ins by it end with it. @throws {EngineError} `notFound` when the user has none of that id */
  revoke(userId: string, id: string, audited: Audited<AccessTokenRecord>): Promise<void>;
}
