import { invalid } from '#base/errors.ts';
import type { Actor } from '../access/actor.ts';
import type { Level } from '../api/accounts.ts';
import type { RepositoryChange } from '../api/repositories.ts';
import type { RepositoryRecord } from '../records/index.ts';
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
 * @throws {EngineError} `invalid`
 * @throws {LimitReached} when it is to be private and its owner's plan has no room
 */
export function changeRepository(
  { database, ledger, audit, now }: HubRooms,
  actor: Actor,
  { repository, change }: { readonly repository: RepositoryRecord; readonly change: RepositoryChange },
): void {
  const set = checked(change);
  const columns = Object.entries(set);
  if (columns.length === 0 && change.visibility === undefined) throw invalid('There is nothing to change');
  const visibility = change.visibility === undefined ? undefined : checkVisibility(change.visibility);
  database.transaction(() => {
    if (visibility !== undefined) ledger.setVisibility(repository.id, visibility);
    for (const [column, value] of columns)
      database.run(`UPDATE repository SET ${column} = ? WHERE id = ?`, value, repository.id);
    database.run('UPDATE repository SET updated_at = ? WHERE id = ?', now().toISOString(), repository.id);
    audit.add({
      ...{ actor, action: 'repository.change', target: repository.fullName, ownerId: repository.ownerId },
      details: {
        ...(visibility !== undefined && { visibility }),
        ...(change.immutableTags !== undefined && { immutableTags: change.immutableTags }),
        ...(change.description !== undefined && { description: change.description }),
        ...(change.overview !== undefined && { overview: true }),
      },
    });
  });
}

/** By column. */
const checked = ({
  description,
  overview,
  immutableTags,
}: RepositoryChange): Readonly<Record<string, string>> => ({
  ...(description !== undefined && { description: checkDescription(description) }),
  ...(overview !== undefined && { overview: checkOverview(overview) }),
  ...(immutableTags !== undefined && { immutable_tags: JSON.stringify(checkTagPatterns(immutableTags)) }),
});
