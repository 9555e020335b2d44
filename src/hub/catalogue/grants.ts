import { conflict, invalid, notFound } from '#base/errors.ts';
import type { Database } from '#state/database.ts';
import type { Actor } from '../access/actor.ts';
import type { Level } from '../api/accounts.ts';
import type { Grant } from '../api/repositories.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';

/** Whom a grant is to. */
export type Grantee = Pick<Grant, 'kind' | 'name'>;

export const listGrants = (database: Database, { id }: RepositoryRecord): readonly Grant[] =>
  database.all<Grant>(
    `SELECT 'team' AS kind, t.name, g.level FROM team_grant g JOIN team t ON t.id = g.team_id WHERE g.repository_id = ?1
     UNION ALL
     SELECT 'user', a.name, g.level FROM user_grant g JOIN account a ON a.id = g.user_id WHERE g.repository_id = ?1
     ORDER BY 1, 2`,
    id,
  );

/** Gives a team of the repository's organisation, or a user, a level. @throws {EngineError} `invalid`, `notFound`, `conflict` */
export function setGrant(
  { database, audit }: HubRooms,
  actor: Actor,
  {
    repository,
    grantee,
    level,
  }: { readonly repository: RepositoryRecord; readonly grantee: Grantee; readonly level: Level | undefined },
): void {
  if (level === undefined || !['read', 'write', 'admin'].includes(level))
    throw invalid('level must be "read", "write" or "admin"');
  database.transaction(() => {
    const id = granteeId(database, repository, grantee);
    if (id === repository.ownerId) throw conflict(`${repository.fullName} is ${grantee.name}'s own`);
    database.run(
      `INSERT INTO ${grantee.kind}_grant VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET level = excluded.level`,
      repository.id,
      id,
      level,
    );
    audit.add({
      ...{ actor, action: 'grant.set', target: repository.fullName, ownerId: repository.ownerId },
      details: { [grantee.kind]: grantee.name, level },
    });
  });
}

/** @throws {EngineError} `notFound` when there is no such grant */
export function removeGrant(
  { database, audit }: HubRooms,
  actor: Actor,
  { repository, grantee }: { readonly repository: RepositoryRecord; readonly grantee: Grantee },
): void {
  database.transaction(() => {
    const id = granteeId(database, repository, grantee);
    const removed = database.run(
      `DELETE FROM ${grantee.kind}_grant WHERE repository_id = ? AND ${grantee.kind}_id = ?`,
      repository.id,
      id,
    );
    if (removed === 0) throw notFound('grant', grantee.name);
    audit.add({
      ...{ actor, action: 'grant.remove', target: repository.fullName, ownerId: repository.ownerId },
      details: { [grantee.kind]: grantee.name },
    });
  });
}

/** Only teams of the organisation that the repository is of. */
function granteeId(
  database: Database,
  { ownerId: owner_id }: RepositoryRecord,
  { kind, name }: Grantee,
): string {
  const row =
    kind === 'team'
      ? database.get<{ id: string }>(
          'SELECT id FROM team WHERE organisation_id = ? AND name = ?',
          owner_id,
          name,
        )
      : database.get<{ id: string }>("SELECT id FROM account WHERE name = ? AND kind = 'user'", name);
  if (row === undefined) throw notFound(kind, name);
  return row.id;
}
