/**
 * hub/records/sqlite: the records in one SQLite database, drawn in schema.ts, that one process writes.
 *
 *     await using records = openSqliteRecords(path, { now });
 */
import { Database } from '#state/database.ts';
import type { Records } from '../index.ts';
import { SqliteAccess } from './access.ts';
import { SqliteAccessTokens } from './access-tokens.ts';
import { SqliteAccounts } from './accounts.ts';
import { SqliteAttempts } from './attempts.ts';
import { Audit, SqliteAudit } from './audit.ts';
import { SqliteBlobs } from './blobs.ts';
import { SqliteChecks } from './checks.ts';
import { SqliteCollection } from './collection.ts';
import { SqliteContents } from './contents.ts';
import { SqliteCredentials } from './credentials.ts';
import { SqliteGrants } from './grants.ts';
import { SqliteHolds } from './holds.ts';
import { SqliteInvitations } from './invitations.ts';
import { Ledger } from './ledger.ts';
import { SqliteLists } from './lists.ts';
import { SqliteManifests } from './manifests.ts';
import { SqliteMirror } from './mirror.ts';
import { SqliteOrganisations } from './organisations.ts';
import type { SqliteParts } from './parts.ts';
import { SqlitePlans } from './plans.ts';
import { SqlitePulls } from './pulls.ts';
import { SqliteRefreshTokens } from './refresh-tokens.ts';
import { SqliteRepositories } from './repositories.ts';
import { hubMigrations } from './schema.ts';
import { SqliteSearch } from './search.ts';
import { SqliteSecondFactors } from './second-factors.ts';
import { SqliteSessions } from './sessions.ts';
import { SqliteSettings } from './settings.ts';
import { SqliteSigningKeys } from './signing-keys.ts';
import { SqliteSnapshots } from './snapshots.ts';
import { SqliteStars } from './stars.ts';
import { SqliteStatus } from './status.ts';
import { SqliteTags } from './tags.ts';
import { SqliteTeams } from './teams.ts';
import { SqliteUploads } from './uploads.ts';
import { SqliteUsage } from './usage.ts';
import { SqliteUsers } from './users.ts';

/** Pages that SQLite keeps: the upper ones of every index of a large Hub, and no more than the process has room for. */
const cacheKibibytes = 32 << 10;

export interface SqliteRecords extends Records {
  /** For what is SQLite's alone: its own check, and tests that look at rows. */
  readonly database: Database;
}

export interface SqliteOptions {
  readonly now?: () => Date;
}

/** Opens (and makes) the records in a file; `:memory:` for tests. */
export function openSqliteRecords(
  path: string,
  { now = () => new Date() }: SqliteOptions = {},
): SqliteRecords {
  const database = new Database(path, hubMigrations);
  database.all(`PRAGMA cache_size = -${cacheKibibytes}`);
  const parts: SqliteParts = {
    ...{ database, now },
    audit: new Audit(database, now),
    ledger: new Ledger(database),
  };
  return {
    database,
    access: new SqliteAccess(parts),
    accessTokens: new SqliteAccessTokens(parts),
    accounts: new SqliteAccounts(parts),
    attempts: new SqliteAttempts(parts),
    audit: new SqliteAudit(parts),
    blobs: new SqliteBlobs(parts),
    checks: new SqliteChecks(parts),
    collection: new SqliteCollection(parts),
    contents: new SqliteContents(parts),
    credentials: new SqliteCredentials(parts),
    grants: new SqliteGrants(parts),
    holds: new SqliteHolds(parts),
    invitations: new SqliteInvitations(parts),
    lists: new SqliteLists(parts),
    manifests: new SqliteManifests(parts),
    mirror: new SqliteMirror(parts),
    organisations: new SqliteOrganisations(parts),
    plans: new SqlitePlans(parts),
    pulls: new SqlitePulls(parts),
    refreshTokens: new SqliteRefreshTokens(parts),
    repositories: new SqliteRepositories(parts),
    search: new SqliteSearch(parts),
    secondFactors: new SqliteSecondFactors(parts),
    sessions: new SqliteSessions(parts),
    settings: new SqliteSettings(parts),
    signingKeys: new SqliteSigningKeys(parts),
    snapshots: new SqliteSnapshots(parts, (path) => openSqliteRecords(path, { now })),
    stars: new SqliteStars(parts),
    status: new SqliteStatus(parts),
    tags: new SqliteTags(parts),
    teams: new SqliteTeams(parts),
    uploads: new SqliteUploads(parts),
    usage: new SqliteUsage(parts),
    users: new SqliteUsers(parts),
    [Symbol.asyncDispose]: async () => database[Symbol.dispose](),
  };
}
