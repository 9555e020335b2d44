/**
 * hub/records: what the Hub knows, behind interfaces that another database could stand behind.
 *
 * Nouns: Records, and for each kind of record an interface of its own (`AccessRecords`, `RepositoryRecords`, …).
 *
 *     await records.repositories.create({ ownerId, fullName: 'ann/app', visibility: 'private', description: '' },
 *       { actor, action: 'repository.create', target: 'ann/app', ownerId });
 *
 * Every function is one transaction: all of it or nothing, with its audit entry and with what it counts (usage). None leaves
 * one open, so that no caller can hold others up, and each is one exchange with a database that is elsewhere. What a function
 * promises is in its contract suite (test/fixtures/hub-records), which every implementation passes; `sqlite/` is the one
 * there is. Called by every part of the Hub; SQL is in `sqlite/` alone.
 */
import type { AccessRecords } from './access.ts';
import type { AccountRecords } from './accounts.ts';
import type { CheckRecords } from './checks.ts';
import type { CollectionRecords } from './collection.ts';
import type { HoldRecords } from './holds.ts';
import type { InvitationRecords } from './invitations.ts';
import type { OrganisationRecords } from './organisations.ts';
import type { RepositoryRecords } from './repositories.ts';
import type { SettingsRecords } from './settings.ts';
import type { SnapshotRecords } from './snapshots.ts';
import type { TeamRecords } from './teams.ts';
import type { UserRecords } from './users.ts';

export type { AccessRecords, Standing } from './access.ts';
export type { AccountRecord, AccountRecords } from './accounts.ts';
export type { Audited, AuditQuery, AuditRecords, NewAuditEntry } from './audit.ts';
export type {
  BlobRecord,
  BlobVerdict,
  CheckRecords,
  ManifestContent,
  MissingLink,
  PrivateUsage,
  RecordProblem,
  WrongStars,
  WrongUsage,
} from './checks.ts';
export type { CollectionRecords, IdleUpload, OldOnly, SizedBlob, Walk } from './collection.ts';
export type { HoldRecords } from './holds.ts';
export type {
  InvitationRecord,
  InvitationRecords,
  InvitedTo,
  NewInvitationRecord,
} from './invitations.ts';
export { LimitReached } from './limit-reached.ts';
export type {
  Membership,
  NewOrganisation,
  OrganisationRecord,
  OrganisationRecords,
} from './organisations.ts';
export type { NewRepository, RepositoryRecord, RepositoryRecords } from './repositories.ts';
export { defaultSettings, type SettingsRecords } from './settings.ts';
export type { BlobTotals, OpenSnapshot, Settled, SnapshotRecords } from './snapshots.ts';
export type { NewTeamRecord, TeamName, TeamRecords } from './teams.ts';
export type {
  NewUserRecord,
  UserDescription,
  UserRecord,
  UserRecords,
  UserRights,
  UserSummary,
} from './users.ts';
export { type Viewer, viewerOf } from './viewer.ts';

/** All that a Hub knows. */
export interface Records extends AsyncDisposable {
  readonly access: AccessRecords;
  readonly checks: CheckRecords;
  readonly collection: CollectionRecords;
  readonly holds: HoldRecords;
  readonly accounts: AccountRecords;
  readonly invitations: InvitationRecords;
  readonly organisations: OrganisationRecords;
  readonly repositories: RepositoryRecords;
  readonly settings: SettingsRecords;
  readonly teams: TeamRecords;
  readonly snapshots: SnapshotRecords;
  readonly users: UserRecords;
}
