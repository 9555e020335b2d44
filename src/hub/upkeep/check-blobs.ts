import type { BlobRecord } from '../records/index.ts';
import { batches } from './batches.ts';
import type { Checking } from './check.ts';
import { type Verdict, verify } from './scrub.ts';

const pushed = 'not served until it is pushed again';
const tellings: Readonly<Record<Verdict, { readonly problem: string; readonly repair: string }>> = {
  missing: { problem: 'its file is not there', repair: pushed },
  'wrong size': { problem: 'its file has another size', repair: pushed },
  'wrong content': { problem: 'its file has other content', repair: pushed },
  right: { problem: 'it is marked as bad, and its file is right', repair: 'served again' },
};

/** Every blob's file against its record. */
export async function checkBlobs(
  checking: Checking,
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const { rooms, quick, signal } = checking;
  let blobs = 0;
  let bytes = 0;
  for await (const blob of rooms.records.checks.blobs({ signal })) {
    const verdict = await verdictOf(checking, blob);
    blobs += 1;
    bytes += blob.size;
    const isAsRecorded = verdict === 'right' && (blob.badAt === undefined || quick);
    if (!isAsRecorded) await tell(checking, blob, verdict);
  }
  return { blobs, bytes };
}

async function verdictOf({ store, quick, signal }: Checking, blob: BlobRecord): Promise<Verdict> {
  if (!quick) return verify({ store }, blob, signal);
  const file = await store.range(blob.digest);
  if (file === undefined) return 'missing';
  return file.size === blob.size ? 'right' : 'wrong size';
}

/** Unless it speaks of another than the blob that is there now. */
async function tell({ rooms, repair, found }: Checking, blob: BlobRecord, verdict: Verdict): Promise<void> {
  const { checks } = rooms.records;
  const says = verdict === 'right' ? 'right' : 'bad';
  const stands = repair ? await checks.judge(blob, says) : await checks.stands(blob, says);
  if (!stands) return;
  const { problem, repair: mended } = tellings[verdict];
  found({ kind: 'blob', subject: blob.digest, problem, ...(repair && { repair: mended }) });
}

/** Files of blobs that no record has. @returns how many */
export async function checkFiles({ rooms, store, signal }: Checking): Promise<number> {
  let stray = 0;
  for await (const batch of batches(store.list(), signal)) {
    const digests = batch.map(({ digest }) => digest);
    stray += (await rooms.records.collection.unknownBlobs(digests)).length;
  }
  return stray;
}
