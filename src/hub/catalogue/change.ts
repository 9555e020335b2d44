import { invalid } from '#base/errors.ts';
import type { Actor } from '../access/actor.ts';
import type { Level } from '../api/accounts.ts';
import type { RepositoryChange } from '../api/repositories.ts';
import type { RepositoryRecord, RepositorySettings } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import { checkDescription, checkVisibility } from './creation.ts';
import { checkOverview } from './overview.ts';
import { checkTagPatterns } from './tag-patterns.ts';

/** What one needs to make a change: who may push writes about it; who may see it and what stays is decided above. */
export const levelForChange = (change: RepositoryChange): Level =>
  change.visibility === undefined && change.immutableTags === undefined ? 'write' : 'admin';

/**
 * Changes what is given of a repository.
 *
 * @throws {EngineError} `invalid`, `notFound`
 * @throws {LimitReached} when it is to be private and its owner's plan has no room
 */
export async function changeRepository(
  { records }: Pick<HubRooms, 'records'>,
  actor: Actor,
  { repository, change }: { readonly repository: RepositoryRecord; readonly change: RepositoryChange },
): Promise<void> {
  const settings = checked(change);
  if (Object.keys(settings).length === 0) throw invalid('There is nothing to change');
  const { visibility } = settings;
  await records.repositories.change(repository, settings, {
    ...{ actor, action: 'repository.change', target: repository.fullName, ownerId: repository.ownerId },
    details: {
      ...(visibility !== undefined && { visibility }),
      ...(change.immutableTags !== undefined && { immutableTags: change.immutableTags }),
      ...(change.description !== undefined && { description: change.description }),
      ...(change.overview !== undefined && { overview: true }),
    },
  });
}

/** What is given. */
const checked = ({
  visibility,
  description,
  overview,
  immutableTags,
}: RepositoryChange): RepositorySettings => ({
  ...(description !== undefined && { description: checkDescription(description) }),
  ...(overview !== undefined && { overview: checkOverview(overview) }),
  ...(immutableTags !== undefined && { immutableTags: checkTagPatterns(immutableTags) }),
  ...(visibility !== undefined && { visibility: checkVisibility(visibility) }),
});
