import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { endOfTar, headerOf, memberOf, paddingFor } from '#archive/index.ts';
import { crashPoint } from '#base/crash-point.ts';
import { newId } from '#base/id.ts';
import { type Digest, hexOf } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import { openDatabase } from '../data/index.ts';
import { hubPaths, isSnapshot } from '../paths.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { type BackupHead, backupFormat, databaseName, headName, memberName } from './backup-format.ts';
import { hold, isHeld } from './holds.ts';
import { pages } from './pages.ts';

export interface BackupParts {
  readonly rooms: HubRooms;
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

interface BlobRow {
  readonly digest: Digest;
  readonly size: number;
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
  await dropSnapshots(rooms.database, directory);
  using held = hold(rooms.database);
  const path = hubPaths(directory).snapshot(newId().slice(0, 16));
  try {
    rooms.database.run('VACUUM INTO ?', path);
    crashPoint('backup.snapshot');
    const { blobs, bytes } = prepareSnapshot(path);
    const head: BackupHead = {
      ...{ format: backupFormat, version, createdAt: rooms.now().toISOString() },
      ...{ blobs, bytes },
    };
    yield memberOf({ name: headName, type: 'file', mode: 0o600 }, `${JSON.stringify(head)}\n`);
    yield* databaseMember(path);
    using snapshot = openDatabase(path);
    const bad: Digest[] = [];
    for await (const rows of blobRows(snapshot, signal)) {
      for (const row of rows) if (!(yield* blobMember(store, row, signal))) bad.push(row.digest);
      held.check();
    }
    yield endOfTar;
    return { blobs, bytes, bad };
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${path}${suffix}`, { force: true });
  }
}

/** What killed backups left; one that is alive holds the blobs. */
export async function dropSnapshots(database: Database, directory: string): Promise<void> {
  if (isHeld(database)) return;
  for (const name of await readdir(directory))
    if (isSnapshot(name)) await rm(join(directory, name), { force: true });
}

/** Takes out what belongs to the running Hub alone: what it is about to have, and what its mirror can fetch again. */
function prepareSnapshot(path: string): { readonly blobs: number; readonly bytes: number } {
  using snapshot = openDatabase(path);
  for (const table of ['upload', 'hold', 'mirror_link', 'mirror_tag', 'mirror_manifest', 'mirror_blob'])
    snapshot.run(`DELETE FROM ${table}`);
  return snapshot.get<{ blobs: number; bytes: number }>(
    'SELECT count(*) AS blobs, coalesce(sum(size), 0) AS bytes FROM blob',
  )!;
}

const blobRows = (snapshot: Database, signal: AbortSignal | undefined) =>
  pages<BlobRow>(snapshot, 'SELECT digest, size FROM blob WHERE digest > ? ORDER BY digest', {
    from: [''],
    keyOf: ({ digest }) => [digest],
    signal,
  });

async function* databaseMember(path: string): AsyncGenerator<Uint8Array> {
  const { size } = await stat(path);
  yield headerOf({ name: databaseName, type: 'file', mode: 0o600, size });
  yield* createReadStream(path, { highWaterMark: 1 << 20 });
  yield paddingFor(size);
}

/** One blob, as long as its record says whatever its file is. @returns whether it is right */
async function* blobMember(
  store: BlobStore,
  { digest, size }: BlobRow,
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
