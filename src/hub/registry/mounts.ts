import type { Digest } from '#oci/digest.ts';
import type { Actor } from '../access/actor.ts';
import { type BlobSource, type RepositoryKey, type RepositoryRecord, viewerOf } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';

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
  const source: BlobSource =
    from === undefined
      ? await anyReadable(rooms, actor, repository)
      : { repositories: await readable(rooms, actor, [from]) };
  return rooms.records.blobs.mount(repository, digest, source);
}

/** A token is for the repositories in it alone. */
async function anyReadable(rooms: HubRooms, actor: Actor, repository: RepositoryRecord): Promise<BlobSource> {
  if (actor.scopes === undefined) return { seenBy: viewerOf(actor) };
  return { repositories: [repository, ...(await readable(rooms, actor, actor.scopes.keys()))] };
}

async function readable(
  { access }: HubRooms,
  actor: Actor,
  names: Iterable<string>,
): Promise<readonly RepositoryKey[]> {
  const found: RepositoryKey[] = [];
  for (const name of names) {
    const granted = await access.find(actor, name);
    if (granted !== undefined) found.push(granted.repository);
  }
  return found;
}
