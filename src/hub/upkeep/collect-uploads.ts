import type { Collection } from './collect.ts';
import { pages } from './pages.ts';

/** Uploads that nobody has added to for so long. @returns how many went */
export async function collectUploads(collection: Collection, graceSeconds: number): Promise<number> {
  const { database } = collection.rooms;
  const before = collection.before(graceSeconds);
  let count = 0;
  const rows = pages<{ readonly id: string }>(
    database,
    'SELECT id FROM upload WHERE id > ?1 AND updated_at < ?2 ORDER BY id',
    { from: ['', before], keyOf: ({ id }) => [id, before], signal: collection.signal },
  );
  for await (const batch of rows) {
    for (const { id } of batch) {
      if (database.run('DELETE FROM upload WHERE id = ? AND updated_at < ?', id, before) === 0) continue;
      await (await collection.store.open(id))?.cancel();
      count += 1;
    }
  }
  return count + (await collectStrayUploads(collection));
}

/** Files of uploads that no record has. */
async function collectStrayUploads({ rooms, store, signal }: Collection): Promise<number> {
  let count = 0;
  for await (const id of store.uploads()) {
    signal?.throwIfAborted();
    if (rooms.database.get('SELECT 1 FROM upload WHERE id = ?', id) !== undefined) continue;
    await (await store.open(id))?.cancel();
    count += 1;
  }
  return count;
}
