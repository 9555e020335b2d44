import { setImmediate as turn } from 'node:timers/promises';
import type { Digest } from '#oci/digest.ts';
import type { Checking } from './check.ts';
import { batchSize, pages } from './pages.ts';
import { type Verdict, verify } from './scrub.ts';

interface BlobRow {
  readonly digest: Digest;
  readonly size: number;
  readonly created_at: string;
  readonly bad_at: string | null;
}

const problems: Readonly<Record<Exclude<Verdict, 'right'>, string>> = {
  missing: 'its file is not there',
  'wrong size': 'its file has another size',
  'wrong content': 'its file has other content',
};

/** Every blob's file against its record. */
export async function checkBlobs(
  checking: Checking,
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const { rooms, signal } = checking;
  let blobs = 0;
  let bytes = 0;
  const rows = pages<BlobRow>(
    rooms.database,
    'SELECT digest, size, created_at, bad_at FROM blob WHERE digest > ? ORDER BY digest',
    { from: [''], keyOf: ({ digest }) => [digest], signal },
  );
  for await (const batch of rows) {
    for (const row of batch) {
      const verdict = await verdictOf(checking, row);
      blobs += 1;
      bytes += row.size;
      if (verdict !== 'right' && isStillThere(checking, row)) tell(checking, row, verdict);
      else if (verdict === 'right' && row.bad_at !== null && !checking.quick) tellRight(checking, row);
    }
  }
  return { blobs, bytes };
}

async function verdictOf({ store, quick, signal }: Checking, row: BlobRow): Promise<Verdict> {
  if (!quick) return verify({ store }, row, signal);
  const file = await store.range(row.digest);
  if (file === undefined) return 'missing';
  return file.size === row.size ? 'right' : 'wrong size';
}

const isStillThere = ({ rooms }: Checking, { digest, created_at }: BlobRow): boolean =>
  rooms.database.get('SELECT 1 FROM blob WHERE digest = ? AND created_at = ?', digest, created_at) !==
  undefined;

function tell({ rooms, repair, found }: Checking, row: BlobRow, verdict: Exclude<Verdict, 'right'>): void {
  if (repair)
    rooms.database.run(
      'UPDATE blob SET bad_at = coalesce(bad_at, ?3) WHERE digest = ?1 AND created_at = ?2',
      row.digest,
      row.created_at,
      rooms.now().toISOString(),
    );
  found({
    kind: 'blob',
    subject: row.digest,
    problem: problems[verdict],
    ...(repair && { repair: 'not served until it is pushed again' }),
  });
}

function tellRight({ rooms, repair, found }: Checking, row: BlobRow): void {
  if (repair)
    rooms.database.run(
      'UPDATE blob SET bad_at = NULL WHERE digest = ?1 AND created_at = ?2',
      row.digest,
      row.created_at,
    );
  found({
    kind: 'blob',
    subject: row.digest,
    problem: 'it is marked as bad, and its file is right',
    ...(repair && { repair: 'served again' }),
  });
}

/** Files of blobs that no record has. @returns how many */
export async function checkFiles({ rooms, store, signal }: Checking): Promise<number> {
  let stray = 0;
  let looked = 0;
  for await (const { digest } of store.list()) {
    signal?.throwIfAborted();
    if (rooms.database.get('SELECT 1 FROM blob WHERE digest = ?', digest) === undefined) stray += 1;
    looked += 1;
    if (looked % batchSize === 0) await turn();
  }
  return stray;
}
