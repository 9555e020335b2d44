import type { Collection } from './collect.ts';
import { pages } from './pages.ts';

interface UploadRow {
  readonly id: string;
  readonly received: number;
}

/** Uploads that nobody has added to for so long. @returns how many went */
export async function collectUploads(collection: Collection, graceSeconds: number): Promise<number> {
  const { database } = collection.rooms;
  const before = collection.before(graceSeconds);
  let count = 0;
  const rows = pages<UploadRow>(
    database,
    'SELECT id, received FROM upload WHERE id > ?1 AND updated_at < ?2 ORDER BY id',
    { from: ['', before], keyOf: ({ id }) => [id, before], signal: collection.signal },
  );
  for await (const batch of rows) {
    for (const { id, received } of batch) {
      const upload = await collection.store.open(id);
      // bytes are coming, in a request that is not over
      const isGrowing = upload !== undefined && upload.received > received;
      if (isGrowing) keep(collection, { id, received: upload.received });
      if (isGrowing || database.run('DELETE FROM upload WHERE id = ? AND updated_at < ?', id, before) === 0)
        continue;
      await upload?.cancel();
      count += 1;
    }
  }
  return count + (await collectStrayUploads(collection));
}

const keep = ({ rooms }: Collection, { id, received }: UploadRow): void => {
  rooms.database.run(
    'UPDATE upload SET received = ?, updated_at = ? WHERE id = ?',
    ...[received, rooms.now().toISOString(), id],
  );
};

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
