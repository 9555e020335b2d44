import { invalid } from '#base/errors.ts';
import type { Actor } from '../access/actor.ts';
import type { Level } from '../api/accounts.ts';
import type { Grantee, RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';

/** Gives a team of the repository's organisation, or a user, a level. @throws {EngineError} `invalid`, `notFound`, `conflict` */
export async function setGrant(
  { records }: Pick<HubRooms, 'records'>,
  actor: Actor,
  {
    repository,
    grantee,
    level,
  }: { readonly repository: RepositoryRecord; readonly grantee: Grantee; readonly level: Level | undefined },
): Promise<void> {
  if (level === undefined || !['read', 'write', 'admin'].includes(level))
    throw invalid('level must be "read", "write" or "admin"');
  await records.grants.set(repository, grantee, level, {
    ...{ actor, action: 'grant.set', target: repository.fullName, ownerId: repository.ownerId },
    details: { [grantee.kind]: grantee.name, level },
  });
}

/** @throws {EngineError} `notFound` when there is no such grant */
export async function removeGrant(
  { records }: Pick<HubRooms, 'records'>,
  actor: Actor,
  { repository, grantee }: { readonly repository: RepositoryRecord; readonly grantee: Grantee },
): Promise<void> {
  await records.grants.remove(repository, grantee, {
    ...{ actor, action: 'grant.remove', target: repository.fullName, ownerId: repository.ownerId },
    details: { [grantee.kind]: grantee.name },
  });
}
