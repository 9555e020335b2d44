import type { Actor } from '../access/actor.ts';
import type { Removal, RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';

type Rooms = Pick<HubRooms, 'records'>;

/** Takes a name away, if it may go; what it named stays. */
export const removeTag = (
  { records }: Rooms,
  actor: Actor,
  repository: RepositoryRecord,
  tag: string,
): Promise<Removal> =>
  records.tags.remove(repository, tag, (digest) => ({
    ...{ actor, action: 'tag.delete', target: `${repository.fullName}:${tag}` },
    ...{ ownerId: repository.ownerId, details: { digest } },
  }));

/** Takes a manifest from a repository, and its tags, if it may go. */
export const removeManifest = (
  { records }: Rooms,
  actor: Actor,
  repository: RepositoryRecord,
  digest: string,
): Promise<Removal> =>
  records.contents.removeManifest(repository, digest, (tags) => ({
    ...{ actor, action: 'manifest.delete', target: `${repository.fullName}@${digest}` },
    ...{ ownerId: repository.ownerId, details: { tags } },
  }));

/** Takes a repository with all that is in it or about it. @throws {EngineError} `notFound` when it has just gone */
export const removeRepository = (
  { records }: Rooms,
  actor: Actor,
  repository: RepositoryRecord,
): Promise<void> =>
  records.repositories.remove(repository, ({ fullName, ownerId, visibility }) => ({
    ...{ actor, action: 'repository.delete', target: fullName },
    ...{ ownerId, details: { visibility } },
  }));
