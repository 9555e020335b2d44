import type { Person } from '../access/actor.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';

/** Sets whether a person has starred a repository; it being so already changes nothing. */
export function setStar(
  { database, now }: HubRooms,
  person: Person,
  { repository, isStarred }: { readonly repository: RepositoryRecord; readonly isStarred: boolean },
): void {
  if (isStarred)
    database.run(
      'INSERT OR IGNORE INTO star VALUES (?, ?, ?)',
      repository.id,
      person.id,
      now().toISOString(),
    );
  else database.run('DELETE FROM star WHERE repository_id = ? AND user_id = ?', repository.id, person.id);
}
