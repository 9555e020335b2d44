import type { Actor } from '../access/actor.ts';
import type { RepositoryRecord } from '../records/index.ts';
import { hasBlob } from '../records/sqlite/holdings.ts';
import type { HubRooms } from '../rooms.ts';
import { isImmutableTag, tagPatternsOf } from './tag-patterns.ts';

type Rooms = Pick<HubRooms, 'database' | 'ledger' | 'audit' | 'now'>;

/** Takes a name away; what it named stays. @returns whether it was there */
export async function removeTag(
  rooms: Rooms,
  actor: Actor,
  repository: RepositoryRecord,
  tag: string,
): Promise<boolean> {
  return rooms.database.transaction(() => {
    const row = rooms.database.get<{ digest: string }>(
      'DELETE FROM tag WHERE repository_id = ? AND name = ? RETURNING digest',
      repository.id,
      tag,
    );
    if (row === undefined) return false;
    touched(rooms, repository);
    rooms.audit.add({
      ...{ actor, action: 'tag.delete', target: `${repository.fullName}:${tag}` },
      ...{ ownerId: repository.ownerId, details: { digest: row.digest } },
    });
    return true;
  });
}

/**
 * Takes a manifest from a repository, and its tags. Its blobs stay linked until a collection finds that no other manifest has
 * them; what other repositories have is theirs. @returns whether it was there
 */
export async function removeManifest(
  rooms: Rooms,
  actor: Actor,
  repository: RepositoryRecord,
  digest: string,
): Promise<boolean> {
  const { database, ledger, audit } = rooms;
  return database.transaction(() => {
    const tags = database.all<{ name: string }>(
      'DELETE FROM tag WHERE repository_id = ? AND digest = ? RETURNING name',
      repository.id,
      digest,
    );
    const removed = database.run(
      'DELETE FROM repository_manifest WHERE repository_id = ? AND digest = ?',
      repository.id,
      digest,
    );
    if (removed === 0) return false;
    if (!hasBlob(database, repository.id, digest)) ledger.unlink(repository.id, digest);
    touched(rooms, repository);
    audit.add({
      ...{ actor, action: 'manifest.delete', target: `${repository.fullName}@${digest}` },
      ...{ ownerId: repository.ownerId, details: { tags: tags.map(({ name }) => name) } },
    });
    return true;
  });
}

/** Why a manifest is not to be deleted; undefined when it may be. */
export function reasonToKeep(
  { database }: Pick<HubRooms, 'database'>,
  repository: RepositoryRecord,
  digest: string,
): string | undefined {
  const index = database.get<{ manifest: string }>(
    "SELECT manifest FROM manifest_link WHERE repository_id = ? AND target = ? AND kind = 'manifest' LIMIT 1",
    ...[repository.id, digest],
  );
  if (index !== undefined) return `The manifest is part of ${index.manifest}, which is to go first`;
  const tags = database.all<{ name: string }>(
    'SELECT name FROM tag WHERE repository_id = ? AND digest = ?',
    ...[repository.id, digest],
  );
  const patterns = tagPatternsOf(repository);
  const held = tags.find(({ name }) => isImmutableTag(patterns, name));
  return held && `The tag ${held.name} is immutable`;
}

/** Takes a repository with all that is in it or about it. */
export async function removeRepository(
  { database, ledger, audit }: Rooms,
  actor: Actor,
  repository: RepositoryRecord,
): Promise<void> {
  database.transaction(() => {
    ledger.repositoryRemoved(repository.id);
    // tags name manifests without a cascade, so that no manifest goes while one is named
    database.run('DELETE FROM tag WHERE repository_id = ?', repository.id);
    database.run('DELETE FROM repository WHERE id = ?', repository.id);
    audit.add({
      ...{ actor, action: 'repository.delete', target: repository.fullName },
      ...{ ownerId: repository.ownerId, details: { visibility: repository.visibility } },
    });
  });
}

const touched = ({ database, now }: Rooms, { id }: RepositoryRecord): void => {
  database.run('UPDATE repository SET updated_at = ? WHERE id = ?', now().toISOString(), id);
};
