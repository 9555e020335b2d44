import type { Role } from '../api/accounts.ts';
import type { Audited } from './audit.ts';

/** An invitation that is good for one. The hash is that of its code, which is kept nowhere. */
export interface InvitationRecord {
  readonly id: string;
  /** `''` without one. */
  readonly email: string;
  /** The organisation that it is to, and what one is there then. To the Hub alone when absent. */
  readonly to?: { readonly organisationId: string; readonly organisation: string; readonly role: Role };
  /** A user's name. */
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  /** A user's name. */
  readonly usedBy?: string;
}

export interface NewInvitationRecord {
  readonly id: string;
  readonly hash: string;
  readonly email: string;
  readonly to?: { readonly organisationId: string; readonly role: Role } | undefined;
  readonly creatorId: string;
  readonly expiresAt: string;
}

/** Those to one organisation, or to the Hub itself. */
export type InvitedTo = { readonly organisationId: string } | 'hub';

/** Invitations. One can be used until it is, or has expired, while its maker may still invite: a user who is not disabled, and an administrator or an owner of the organisation. */
export interface InvitationRecords {
  /**
   * @param limits.most so many to the same can be unused at once
   * @param limits.forgetBefore those that had expired then are deleted first
   * @throws {EngineError} `invalid` when there are as many already
   */
  create(
    invitation: NewInvitationRecord,
    limits: { readonly most: number; readonly forgetBefore: string },
    audited: Audited,
  ): Promise<InvitationRecord>;
  /** Newest first, with those that are used and expired. */
  list(to: InvitedTo): Promise<readonly InvitationRecord[]>;
  /** The one of a code, while it can be used. */
  find(hash: string): Promise<InvitationRecord | undefined>;
  /** @throws {EngineError} `notFound` when there is none of that id to that */
  remove(to: InvitedTo, id: string, audited: Audited<InvitationRecord>): Promise<void>;
  /**
   * Uses up one to an organisation: the user is a member from then on.
   *
   * @throws {EngineError} `conflict` when it cannot be used any more, is to the Hub alone, or the user is a member already
   */
  accept(id: string, userId: string, audited: Audited<InvitationRecord>): Promise<void>;
}
