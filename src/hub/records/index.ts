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
import type { OrganisationRecords } from './organisations.ts';
import type { RepositoryRecords } from './repositories.ts';
import type { UserRecords } from './users.ts';

export type { AccessRecords, Standing } from './access.ts';
export type { Audited, AuditQuery, AuditRecords, NewAuditEntry } from './audit.ts';
export { LimitReached } from './limit-reached.ts';
export type { NewOrganisation, OrganisationRecords } from './organisations.ts';
export type { NewRepository, RepositoryRecord, RepositoryRecords } from './repositories.ts';
export type { NewUserRecord, UserRecord, UserRecords } from './users.ts';
export { type Viewer, viewerOf } from './viewer.ts';

/** All that a Hub knows. */
export interface Records extends AsyncDisposable {
  readonly access: AccessRecords;
  readonly organisations: OrganisationRecords;
  readonly repositories: RepositoryRecords;
  readonly users: UserRecords;
}
