import type { Digest } from '#oci/digest.ts';
import type { Actor } from '../access/actor.ts';
import { type RepositoryRecord, viewerOf } from '../records/index.ts';
import { hasBlob } from '../records/sqlite/holdings.ts';
import { visibleTo } from '../records/sqlite/visible.ts';
import type { HubRooms } from '../rooms.ts';
import { linkBlob } from './links.ts';

/**
 * Gives a repository a blob that another has and the actor may read there. Whether there is none, no such repository or none
 * for this actor: the answer is the same.
 *
 * @param options.from the other's name; any that the actor may read when it is left out
 * @returns whether it was found
 * @throws {LimitReached}
 */
export async function mountBlob(
  rooms: HubRooms,
  actor: Actor,
  options: {
    readonly repository: RepositoryRecord;
    readonly digest: Digest;
    readonly from: string | undefined;
  },
): Promise<boolean> {
  const { repository, digest, from } = options;
  const isThere =
    from === undefined
      ? await isReadable(rooms, actor, repository.id, digest)
      : await isIn(rooms, actor, from, digest);
  if (!isThere) return false;
  return rooms.database.transaction(() => {
    const blob = rooms.database.get<{ size: number }>(
      'SELECT size FROM blob WHERE digest = ? AND bad_at IS NULL',
      digest,
    );
    if (blob === undefined) return false;
    linkBlob(rooms, repository.id, { digest, size: blob.size });
    return true;
  });
}

async function isIn(
  { access, database }: HubRooms,
  actor: Actor,
  name: string,
  digest: string,
): Promise<boolean> {
  const found = await access.find(actor, name);
  return found !== undefined && hasBlob(database, found.repository.id, digest);
}

async function isReadable(
  rooms: HubRooms,
  actor: Actor,
  repositoryId: number,
  digest: string,
): Promise<boolean> {
  const { database } = rooms;
  if (hasBlob(database, repositoryId, digest)) return true;
  // a token is for the repositories in it alone
  if (actor.scopes !== undefined) {
    for (const name of actor.scopes.keys()) if (await isIn(rooms, actor, name, digest)) return true;
    return false;
  }
  const visible = visibleTo(viewerOf(actor), 2);
  return (
    database.get(
      `SELECT 1 FROM repository_blob l JOIN repository r ON r.id = l.repository_id
        WHERE l.digest = ?1 AND ${visible.sql} LIMIT 1`,
      digest,
      ...visible.values,
    ) !== undefined
  );
}
