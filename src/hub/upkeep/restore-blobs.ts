import type { TarMember } from '#archive/index.ts';
import { crashPoint } from '#base/crash-point.ts';
import { invalid } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import type { Digest } from '#oci/digest.ts';
import type { SnapshotRecords } from '../records/index.ts';
import type { BlobStore, BlobUpload } from '../store/blob-store.ts';
import { digestOfMember } from './backup-format.ts';

/** Where the blobs of a backup come to. */
export interface Receiving {
  /** Of the backup's records. */
  readonly snapshots: SnapshotRecords;
  readonly store: BlobStore;
  readonly restoredAt: string;
  readonly signal: AbortSignal | undefined;
}

/** Blobs that become durable at the same time: a disk takes little longer over many than over one. */
const mostCommits = 16;

/**
 * Takes the members that are blobs, each held against its digest; one that is other than that is left out.
 *
 * @throws {EngineError} `invalid` for a member that is none, and a blob that the records do not know
 */
export async function readBlobs(
  members: AsyncGenerator<TarMember>,
  receiving: Receiving,
): Promise<{ readonly blobs: number; readonly bytes: number }> {
  const commits = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let blobs = 0;
  let bytes = 0;
  try {
    for await (const { entry, body } of members) {
      const digest = digestOfMember(entry.name);
      if (digest === undefined || entry.type !== 'file')
        throw invalid(`this is no backup: ${JSON.stringify(entry.name)} does not belong there`);
      if (!(await receiving.snapshots.knowsBlob({ digest, size: entry.size })))
        throw invalid(`the backup's records do not know its blob ${digest}`);
      const upload = await receive(receiving, digest, body);
      if (upload === undefined) continue;
      const commit = place(receiving, digest, upload)
        .catch((error: unknown) => failures.push(error))
        .then(() => void commits.delete(commit));
      commits.add(commit);
      if (commits.size >= mostCommits) await Promise.race(commits);
      if (failures.length > 0) throw failures[0];
      blobs += 1;
      bytes += entry.size;
    }
  } finally {
    await Promise.all(commits);
  }
  if (failures.length > 0) throw failures[0];
  return { blobs, bytes };
}

/** @returns undefined when its bytes are not what the digest says */
async function receive(
  { store, signal }: Receiving,
  digest: Digest,
  body: AsyncIterable<Uint8Array>,
): Promise<BlobUpload | undefined> {
  const algorithm = digest.startsWith('sha512:') ? 'sha512' : 'sha256';
  const upload = await store.begin(newId());
  await upload.append(body, { algorithm, signal });
  if ((await upload.digest(algorithm)) === digest) return upload;
  await upload.cancel();
  return undefined;
}

async function place(
  { snapshots, restoredAt }: Receiving,
  digest: Digest,
  upload: BlobUpload,
): Promise<void> {
  await upload.commit(digest);
  await snapshots.blobCame(digest, restoredAt);
  crashPoint('restore.blob');
}
