import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { endOfTar, headerOf, memberOf, paddingFor } from '#archive/index.ts';
import { newId } from '#base/id.ts';
import { type Digest, hexOf } from '#oci/digest.ts';
import { hubPaths, isSnapshot } from '../paths.ts';
import type { Records, SizedBlob } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { type BackupHead, backupFormat, databaseName, headName, memberName } from './backup-format.ts';
import { batchSize } from './batches.ts';
import { hold } from './holds.ts';

export interface BackupParts {
  readonly rooms: Pick<HubRooms, 'records' | 'now'>;
  readonly store: BlobStore;
  readonly directory: string;
  readonly version: string;
}

export interface Backed {
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs that are missing, or other than their digests say. */
  readonly bad: readonly Digest[];
}

/**
 * A backup's bytes, while the Hub may run: the records as they are at its start, and every blob that they name, which no
 * collection takes until it is done. What is pushed meanwhile is not in it, nor are unfinished uploads.
 *
 * @returns what is in it, and which blobs are bad: the rest is whole all the same
 */
export async function* backup(
  { rooms, store, directory, version }: BackupParts,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array, Backed> {
  const { records } = rooms;
  await dropSnapshots(records, directory);
  await using held = await hold(records.holds);
  const path = hubPaths(directory).snapshot(newId().slice(0, 16));
  try {
    await using snapshot = await records.snapshots.take(path);
    const totals = await snapshot.snapshots.blobTotals();
    const head: BackupHead = {
      ...{ format: backupFormat, version, createdAt: rooms.now().toISOString() },
      ...totals,
    };
    yield memberOf({ name: headName, type: 'file', mode: 0o600 }, `${JSON.stringify(head)}\n`);
    yield* databaseMember(path);
    const bad: Digest[] = [];
    let count = 0;
    for await (const blob of snapshot.checks.blobs({ signal })) {
      if (!(yield* blobMember(store, blob, signal))) bad.push(blob.digest);
      count += 1;
      if (count % batchSize === 0) await held.check();
    }
    await held.check();
    yield endOfTar;
    return { ...totals, bad };
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${path}${suffix}`, { force: true });
  }
}

/** What killed backups left; one that is alive holds the blobs. */
export async function dropSnapshots({ holds }: Pick<Records, 'holds'>, directory: string): Promise<void> {
  if (await holds.isHeld()) return;
  for (const name of await readdir(directory))
    if (isSnapshot(name)) await rm(join(directory, name), { force: true });
}

async function* databaseMember(path: string): AsyncGenerator<Uint8Array> {
  const { size } = await stat(path);
  yield headerOf({ name: databaseName, type: 'file', mode: 0o600, size });
  yield* createReadStream(path, { highWaterMark: 1 << 20 });
  yield paddingFor(size);
}

/** One blob, as long as its record says whatever its file is. @returns whether it is right */
async function* blobMember(
  store: BlobStore,
  { digest, size }: SizedBlob,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, boolean> {
  const file = await store.range(digest);
  if (file === undefined || file.size !== size) return false;
  yield headerOf({ name: memberName(digest), type: 'file', mode: 0o600, size });
  const hash = createHash(digest.startsWith('sha512:') ? 'sha512' : 'sha256');
  let left = size;
  for await (const bytes of readable(store.read(digest))) {
    signal?.throwIfAborted();
    const piece = bytes.subarray(0, left);
    left -= piece.length;
    hash.update(piece);
    yield piece;
  }
  for (; left > 0; left -= Math.min(left, zeros.length)) yield zeros.subarray(0, left);
  yield paddingFor(size);
  return hash.digest('hex') === hexOf(digest);
}

/** What a disk has of a file: one that it cannot read on ends there. */
async function* readable(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EIO') throw error;
  }
}

const zeros = Buffer.alloc(1 << 16);
