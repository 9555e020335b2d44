import { dropIfIdle } from '../registry/idle-uploads.ts';
import { batches } from './batches.ts';
import type { Collection } from './collect.ts';

/** Uploads that nobody has added to for so long. @returns how many went */
export async function collectUploads(collection: Collection, graceSeconds: number): Promise<number> {
  const { records, store, signal } = collection;
  const before = collection.before(graceSeconds);
  let count = 0;
  for await (const idle of records.collection.idleUploads({ before, signal }))
    if (await dropIfIdle({ records, store }, idle, before)) count += 1;
  return count + (await collectStrayUploads(collection));
}

/** Files of uploads that no record has. */
async function collectStrayUploads({ records, store, signal }: Collection): Promise<number> {
  let count = 0;
  for await (const ids of batches(store.uploads(), signal))
    for (const id of await records.collection.unknownUploads(ids)) {
      await (await store.open(id))?.cancel();
      count += 1;
    }
  return count;
}
