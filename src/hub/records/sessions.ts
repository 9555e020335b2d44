import type { Audited } from './audit.ts';

/** A browser that is signed in. The hash is that of its cookie, which is kept nowhere. */
export interface SessionRecord {
  readonly id: string;
  readonly userId: string;
  readonly createdAt: string;
  /** About when its last request was. */
  readonly seenAt: string;
  readonly address: string;
  /** The browser's own word. */
  readonly agent: string;
}

export interface NewSession {
  readonly id: string;
  readonly hash: string;
  readonly userId: string;
  /** When the password was set that the user came with. */
  readonly passwordChangedAt: string;
  readonly expiresAt: string;
  readonly address: string;
  readonly agent: string;
}

/** A session, and whose it is. */
export interface FoundSession {
  readonly session: SessionRecord;
  readonly user: { readonly id: string; readonly name: string; readonly isAdmin: boolean };
}

/** What ends by itself: sessions that have expired, and those not seen since then. */
export interface Idle {
  readonly seenSince: string;
}

export interface SessionRecords {
  /**
   * A new one. Those of everyone that are over go first, and the user's longest unseen where there would be more than `most`.
   *
   * @param options.ends the session that the same browser had, which ends with it; it may have ended already
   * @returns false, and nothing is done, when there is no such user who is not disabled, or the password is another by now
   */
  begin(
    session: NewSession,
    options: Idle & {
      readonly most: number;
      readonly ends?: { readonly id: string; readonly audited: Audited } | undefined;
      readonly audited: Audited;
    },
  ): Promise<boolean>;
  /** The one of a cookie, while it lasts and its user is not disabled. */
  find(hash: string, idle: Idle): Promise<FoundSession | undefined>;
  /** A request came by it now, from that address. */
  seen(id: string, address: string): Promise<void>;
  /** A user's that last, in no order. */
  list(userId: string, idle: Idle): Promise<readonly SessionRecord[]>;
  /** Ends a user's session, or its registry sign-in of that id. @throws {EngineError} `notFound` */
  end(userId: string, id: string, audited: Audited): Promise<void>;
}
