import { boolean, integer, object, oneOf, type Static, string } from '#api/schema.ts';
import type { Plan } from './accounts.ts';

/**
 * For administrators, but for the list of plans:
 *
 *     GET    /api/plans                          Plan[]; for everyone
 *     POST   /api/plans                          PlanChange → Plan
 *     PATCH  /api/plans/{id}                     PlanChange → Plan
 *     DELETE /api/plans/{id}                     409 while accounts have it
 *     PUT    /api/accounts/{name}/plan           { plan }
 *     GET    /api/admin/accounts?q=              Page<AdminAccount>
 *     PATCH  /api/admin/users/{name}             UserRights → AdminAccount
 *     GET    /api/admin/settings                 Settings
 *     PATCH  /api/admin/settings                 SettingsChange → Settings
 *     GET    /api/admin/invitations              Invitation[]
 *     POST   /api/admin/invitations              { email } → Invitation with its code
 *     DELETE /api/admin/invitations/{id}
 *     GET    /api/admin/status                   Status
 *     POST   /api/admin/collect                  Collected
 *
 *     GET    /api/audit?owner=&action=&actor=&before=&size=     AuditEntry[], newest first: administrators all, owners theirs, users their own
 */
export type PlanChange = Static<typeof PlanChange>;
export const PlanChange = object({
  name: string,
  description: string,
  /** -1: no limit. */
  privateRepositories: integer,
  privateBytes: integer,
  pullsPerHour: integer,
  isDefault: boolean,
});

export type PlanChoice = Static<typeof PlanChoice>;
export const PlanChoice = object({ plan: string });

export interface AdminAccount {
  readonly name: string;
  readonly kind: 'user' | 'organisation';
  readonly displayName: string;
  readonly email: string;
  readonly isAdmin: boolean;
  readonly isDisabled: boolean;
  readonly hasSecondFactor: boolean;
  readonly plan: Plan;
  readonly privateRepositories: number;
  readonly privateBytes: number;
  readonly createdAt: string;
}

export type UserRights = Static<typeof UserRights>;
export const UserRights = object({ isAdmin: boolean, isDisabled: boolean });

export interface Settings {
  readonly name: string;
  readonly signUp: 'open' | 'invitation' | 'closed';
  /** By address, and by /64 of IPv6. No limit when absent. */
  readonly anonymousPullsPerHour?: number;
  /** Hours that an unreferenced blob and an unfinished upload are kept. */
  readonly graceHours: number;
  /** Hours that a manifest without a tag is kept that nothing refers to. Kept for ever when absent. */
  readonly untaggedHours?: number;
}

export type SettingsChange = Static<typeof SettingsChange>;
export const SettingsChange = object({
  name: string,
  signUp: oneOf('open', 'invitation', 'closed'),
  /** -1: no limit. */
  anonymousPullsPerHour: integer,
  graceHours: integer,
  /** -1: for ever. */
  untaggedHours: integer,
});

export interface Status {
  readonly version: string;
  readonly startedAt: string;
  readonly accounts: number;
  readonly repositories: number;
  readonly manifests: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly badBlobs: number;
  readonly lastCollection?: Collected;
}

export interface Collected {
  readonly at: string;
  readonly milliseconds: number;
  readonly links: number;
  readonly manifests: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly uploads: number;
}

export interface AuditEntry {
  readonly id: number;
  readonly at: string;
  /** '' for a stranger. */
  readonly actor: string;
  /** `repository.create` */
  readonly action: string;
  readonly target: string;
  readonly address: string;
  readonly details: Readonly<Record<string, unknown>>;
}
