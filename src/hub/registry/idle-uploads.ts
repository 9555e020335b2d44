import type { IdleUpload, Records } from '../records/index.ts';
import type { BlobStore } from '../store/blob-store.ts';

interface Parts {
  readonly records: Records;
  readonly store: BlobStore;
}

/**
 * Lets go of an upload that nothing is known to have come to since `before`; one that bytes are coming to, in a request that is
 * not over, is kept from now on.
 *
 * @returns whether it went
 */
export async function dropIfIdle(
  { records, store }: Parts,
  { id, received }: IdleUpload,
  before: string,
): Promise<boolean> {
  const upload = await store.open(id);
  if (upload !== undefined && upload.received > received) {
    await records.uploads.advance(id, upload.received);
    return false;
  }
  if (!(await records.collection.dropUpload(id, before))) return false;
  await upload?.cancel();
  return true;
}
