import { boolean, object, oneOf, type Static, string } from '#api/schema.ts';

export type Visibility = 'public' | 'private';
export type Role = 'owner' | 'editor' | 'member';
export type Level = 'read' | 'write' | 'admin';

/**
 *     GET    /api/session                    Session
 *     POST   /api/session                    SignIn → Session; 401 `second-factor-required` when a code is to come with it
 *     DELETE /api/session                    signs out
 *     POST   /api/users                      SignUp → Session; by an administrator, whatever the setting → User
 */
export interface Session {
  /** Absent for strangers. */
  readonly user?: User;
  /** To be sent as `X-CSRF-Token` with everything but GET. */
  readonly csrf: string;
  readonly hub: {
    readonly name: string;
    /** `hub.example.com:5000`: what image names begin with. */
    readonly address: string;
    readonly signUp: 'open' | 'invitation' | 'closed';
    readonly version: string;
  };
}

export type SignIn = Static<typeof SignIn>;
export const SignIn = object({
  name: string,
  password: string,
  /** TOTP, or a recovery code. */ code: string,
});

export type SignUp = Static<typeof SignUp>;
export const SignUp = object({ name: string, email: string, password: string, invitation: string });

/**
 *     GET    /api/user                       User
 *     PATCH  /api/user                       UserChange → User
 *     POST   /api/user/password              PasswordChange; every other session ends
 *     POST   /api/user/second-factor         → SecondFactorOffer: begins
 *     PUT    /api/user/second-factor         { code } → RecoveryCodes: in use from now on
 *     DELETE /api/user/second-factor         { password }
 */
export interface User {
  readonly name: string;
  readonly displayName: string;
  readonly email: string;
  readonly isAdmin: boolean;
  readonly hasSecondFactor: boolean;
  readonly defaultVisibility: Visibility;
  readonly createdAt: string;
  readonly organisations: readonly {
    readonly name: string;
    readonly displayName: string;
    readonly role: Role;
  }[];
}

export type UserChange = Static<typeof UserChange>;
export const UserChange = object({
  displayName: string,
  email: string,
  defaultVisibility: oneOf('public', 'private'),
});

export type PasswordChange = Static<typeof PasswordChange>;
export const PasswordChange = object({ current: string, next: string });

export interface SecondFactorOffer {
  /** Base32. */
  readonly secret: string;
  /** `otpauth://totp/…`, for a QR code. */
  readonly uri: string;
}

export type SecondFactorCode = Static<typeof SecondFactorCode>;
export const SecondFactorCode = object({ code: string });
export type PasswordProof = Static<typeof PasswordProof>;
export const PasswordProof = object({ password: string });

export interface RecoveryCodes {
  readonly codes: readonly string[];
}

/**
 *     GET    /api/user/tokens                AccessToken[]
 *     POST   /api/user/tokens                NewToken → AccessToken with its secret, told this once
 *     DELETE /api/user/tokens/{id}
 *     GET    /api/user/sessions              OpenSession[]: of browsers, and sign-ins of registry clients
 *     DELETE /api/user/sessions/{id}
 */
export interface AccessToken {
  readonly id: string;
  readonly name: string;
  /** admin has write has read. */
  readonly scope: Level;
  readonly createdAt: string;
  readonly expiresAt?: string;
  readonly lastUsedAt?: string;
  readonly lastAddress?: string;
  readonly secret?: string;
}

export type NewToken = Static<typeof NewToken>;
export const NewToken = object({
  name: string,
  scope: oneOf('read', 'write', 'admin'),
  /** RFC 3339; never when absent. */
  expiresAt: string,
});

export interface OpenSession {
  readonly id: string;
  readonly isThis: boolean;
  readonly createdAt: string;
  readonly seenAt: string;
  readonly address: string;
  readonly agent: string;
}

/**
 *     GET    /api/accounts/{name}                        Account
 *     GET    /api/accounts/{name}/usage                  Usage; for those whose account it is
 *     POST   /api/organisations                          NewOrganisation → Account
 *     PATCH  /api/organisations/{name}                   OrganisationChange → Account
 *     DELETE /api/organisations/{name}                   409 while it has repositories
 *     GET    /api/organisations/{name}/members           Member[]
 *     PUT    /api/organisations/{name}/members/{user}    { role }; the last owner stays one
 *     DELETE /api/organisations/{name}/members/{user}
 *     GET    /api/organisations/{name}/teams             Team[]
 *     POST   /api/organisations/{name}/teams             NewTeam → Team
 *     PATCH  /api/organisations/{name}/teams/{team}      NewTeam → Team
 *     DELETE /api/organisations/{name}/teams/{team}
 *     GET    /api/organisations/{name}/teams/{team}      TeamDetail
 *     PUT    /api/organisations/{name}/teams/{team}/members/{user}
 *     DELETE /api/organisations/{name}/teams/{team}/members/{user}
 *     GET    /api/organisations/{name}/invitations       Invitation[]
 *     POST   /api/organisations/{name}/invitations       NewInvitation → Invitation with its code, told this once
 *     DELETE /api/organisations/{name}/invitations/{id}
 *     POST   /api/invitations/accept                     InvitationCode → Invitation: joins the organisation, for one who is signed in;
 *                                                        with isDry only looks, for anyone who has the code
 */
export interface Account {
  readonly name: string;
  readonly kind: 'user' | 'organisation';
  readonly displayName: string;
  readonly createdAt: string;
  /** What the one who asks may do with it: absent for those who only see it. */
  readonly role?: Role;
  readonly defaultVisibility?: Visibility;
}

export interface Usage {
  readonly plan: Plan;
  readonly privateRepositories: number;
  readonly privateBytes: number;
  /** Pulls in the hour that runs. */
  readonly pulls: number;
  /** What is over 80 % of its limit. */
  readonly near: readonly ('privateRepositories' | 'privateBytes' | 'pulls')[];
  /** The largest private repositories, by what only they hold and what they share. */
  readonly repositories: readonly { readonly name: string; readonly bytes: number }[];
}

export interface Plan {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** No limit when absent. */
  readonly privateRepositories?: number;
  readonly privateBytes?: number;
  readonly pullsPerHour?: number;
  readonly isDefault: boolean;
}

export type NewOrganisation = Static<typeof NewOrganisation>;
export const NewOrganisation = object({ name: string, displayName: string });
export type OrganisationChange = Static<typeof OrganisationChange>;
export const OrganisationChange = object({
  displayName: string,
  defaultVisibility: oneOf('public', 'private'),
});

export interface Member {
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  readonly joinedAt: string;
  readonly teams: readonly string[];
}
export type RoleChange = Static<typeof RoleChange>;
export const RoleChange = object({ role: oneOf('owner', 'editor', 'member') });

export interface Team {
  readonly name: string;
  readonly description: string;
  readonly members: number;
  readonly repositories: number;
}
export interface TeamDetail extends Team {
  readonly people: readonly { readonly name: string; readonly displayName: string }[];
  readonly grants: readonly { readonly repository: string; readonly level: Level }[];
}
export type NewTeam = Static<typeof NewTeam>;
export const NewTeam = object({ name: string, description: string });

export interface Invitation {
  readonly id: string;
  readonly email: string;
  readonly organisation?: string;
  readonly role?: Role;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly usedBy?: string;
  readonly code?: string;
}
export type NewInvitation = Static<typeof NewInvitation>;
export const NewInvitation = object({ email: string, role: oneOf('owner', 'editor', 'member') });
export type InvitationCode = Static<typeof InvitationCode>;
export const InvitationCode = object({ code: string, isDry: boolean });
