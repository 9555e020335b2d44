import type { Member, Role, Visibility } from '../api/accounts.ts';
import type { Audited } from './audit.ts';

export interface OrganisationRecord {
  readonly id: string;
  readonly name: string;
}

export interface NewOrganisation {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  /** Its first owner. */
  readonly makerId: string;
}

/** An organisation that one is in, and as what. */
export interface Membership {
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
}

/** Organisations and who is in them. One has an owner at every moment. */
export interface OrganisationRecords {
  /** Not a user by that name. */
  find(name: string): Promise<OrganisationRecord | undefined>;
  /** A user's, by name. */
  ofUser(userId: string): Promise<readonly Membership[]>;
  /** By name, with the names of their teams. */
  members(id: string): Promise<readonly Member[]>;
  /** On the default plan. @throws {EngineError} `conflict` when an account has the name */
  create(organisation: NewOrganisation, audited: Audited): Promise<void>;
  /** What is absent stays as it is. @throws {EngineError} `notFound` */
  change(
    id: string,
    change: {
      readonly displayName?: string | undefined;
      readonly defaultVisibility?: Visibility | undefined;
    },
    audited: Audited,
  ): Promise<void>;
  /** Its teams, members and invitations go with it. @throws {EngineError} `notFound`; `conflict` while it has repositories */
  remove(id: string, audited: Audited): Promise<void>;
  /**
   * Makes a user a member, or a member something else.
   *
   * @param audited is told what the user was before, and written when that is another role
   * @throws {EngineError} `notFound` without such an organisation or user; `conflict` for its last owner
   */
  setMember(
    id: string,
    member: { readonly userName: string; readonly role: Role },
    audited: Audited<Role | undefined>,
  ): Promise<void>;
  /** With it goes its place in the teams. @throws {EngineError} `notFound` for who is no member; `conflict` for the last owner */
  removeMember(id: string, userName: string, audited: Audited): Promise<void>;
}
