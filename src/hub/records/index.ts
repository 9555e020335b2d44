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
import type { AccessTokenRecords } from './access-tokens.ts';
import type { AccountRecords } from './accounts.ts';
import type { AttemptRecords } from './attempts.ts';
import type { AuditRecords } from './audit.ts';
import type { BlobRecords } from './blobs.ts';
import type { CheckRecords } from './checks.ts';
import type { CollectionRecords } from './collection.ts';
import type { ContentRecords } from './contents.ts';
import type { CredentialRecords } from './credentials.ts';
import type { GrantRecords } from './grants.ts';
import type { HoldRecords } from './holds.ts';
import type { InvitationRecords } from './invitations.ts';
import type { ListRecords } from './lists.ts';
import type { ManifestRecords } from './manifests.ts';
import type { MirrorRecords } from './mirror.ts';
import type { OrganisationRecords } from './organisations.ts';
import type { PlanRecords } from './plans.ts';
import type { PullRecords } from './pulls.ts';
import type { RefreshTokenRecords } from './refresh-tokens.ts';
import type { RepositoryRecords } from './repositories.ts';
import type { SearchRecords } from './search.ts';
import type { SecondFactorRecords } from './second-factors.ts';
import type { SessionRecords } from './sessions.ts';
import type { SettingsRecords } from './settings.ts';
import type { SigningKeyRecords } from './signing-keys.ts';
import type { SnapshotRecords } from './snapshots.ts';
import type { StarRecords } from './stars.ts';
import type { StatusRecords } from './status.ts';
import type { TagRecords } from './tags.ts';
import type { TeamRecords } from './teams.ts';
import type { UploadRecords } from './uploads.ts';
import type { UsageRecords } from './usage.ts';
import type { UserRecords } from './users.ts';

export type { AccessRecords, Standing } from './access.ts';
export type { AccessTokenRecord, AccessTokenRecords, NewAccessToken } from './access-tokens.ts';
export type { AccountRecord, AccountRecords } from './accounts.ts';
export {
  type AttemptRecords,
  type Failures,
  failuresLastSeconds,
  mostFailures,
} from './attempts.ts';
export type { Audited, AuditQuery, AuditRecords, NewAuditEntry } from './audit.ts';
export type { BlobRecords, BlobRemoval, BlobSource } from './blobs.ts';
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
export type { ContentRecords, ManifestRecord } from './contents.ts';
export type { CredentialHolder, CredentialRecords, CredentialUse } from './credentials.ts';
export type { Grantee, GrantRecords } from './grants.ts';
export type { HoldRecords } from './holds.ts';
export type {
  InvitationRecord,
  InvitationRecords,
  InvitedTo,
  NewInvitationRecord,
} from './invitations.ts';
export { LimitReached } from './limit-reached.ts';
export type { After, Listed, ListRecords, ReferrerRecord } from './lists.ts';
export type {
  ManifestPush,
  ManifestRecords,
  ManifestReference,
  PushedManifest,
  StoredManifest,
} from './manifests.ts';
export type { MirrorManifest, MirrorRecords, MirrorTag } from './mirror.ts';
export type {
  Membership,
  NewOrganisation,
  OrganisationRecord,
  OrganisationRecords,
} from './organisations.ts';
export type { Limit, PlanChoice, PlanDescription, PlanRecords } from './plans.ts';
export type { CountedPulls, PullRecords } from './pulls.ts';
export type { NewRefreshToken, RefreshTokenRecord, RefreshTokenRecords } from './refresh-tokens.ts';
export type { Removal } from './removal.ts';
export type {
  NewRepository,
  RepositoryDescription,
  RepositoryKey,
  RepositoryQuery,
  RepositoryRecord,
  RepositoryRecords,
  RepositorySettings,
  RepositorySort,
  RepositoryTotals,
} from './repositories.ts';
export type { SearchRecords, SoughtWords } from './search.ts';
export type { SecondFactorRecords, ShownStep } from './second-factors.ts';
export type { FoundSession, Idle, NewSession, SessionRecord, SessionRecords } from './sessions.ts';
export { defaultSettings, type SettingsRecords } from './settings.ts';
export type { SigningKeyRecord, SigningKeyRecords } from './signing-keys.ts';
export type { BlobTotals, OpenSnapshot, Settled, SnapshotRecords } from './snapshots.ts';
export type { StarRecords } from './stars.ts';
export type { RecordCounts, StatusRecords } from './status.ts';
export type { TagRecord, TagRecords } from './tags.ts';
export type { NewTeamRecord, TeamName, TeamRecords } from './teams.ts';
export type { FinishedUpload, NewUpload, PlanRoom, UploadRecords } from './uploads.ts';
export type { AccountUsage, UsageRecords } from './usage.ts';
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
  readonly accessTokens: AccessTokenRecords;
  readonly accounts: AccountRecords;
  readonly attempts: AttemptRecords;
  readonly audit: AuditRecords;
  readonly blobs: BlobRecords;
  readonly checks: CheckRecords;
  readonly collection: CollectionRecords;
  readonly contents: ContentRecords;
  readonly credentials: CredentialRecords;
  readonly grants: GrantRecords;
  readonly holds: HoldRecords;
  readonly invitations: InvitationRecords;
  readonly lists: ListRecords;
  readonly manifests: ManifestRecords;
  readonly mirror: MirrorRecords;
  readonly organisations: OrganisationRecords;
  readonly plans: PlanRecords;
  readonly pulls: PullRecords;
  readonly refreshTokens: RefreshTokenRecords;
  readonly repositories: RepositoryRecords;
  readonly search: SearchRecords;
  readonly secondFactors: SecondFactorRecords;
  readonly sessions: SessionRecords;
  readonly settings: SettingsRecords;
  readonly signingKeys: SigningKeyRecords;
  readonly snapshots: SnapshotRecords;
  readonly stars: StarRecords;
  readonly status: StatusRecords;
  readonly tags: TagRecords;
  readonly teams: TeamRecords;
  readonly uploads: UploadRecords;
  readonly usage: UsageRecords;
  readonly users: UserRecords;
}
