import { createWriteStream, existsSync } from 'node:fs';
import { open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { decode } from '#api/decode.ts';
import { readTar, type TarMember } from '#archive/index.ts';
import { crashPoint } from '#base/crash-point.ts';
import { conflict, invalid, messageOf } from '#base/errors.ts';
import { readWhole } from '#base/read-whole.ts';
import { replaceFile, syncDirectory } from '#base/replace-file.ts';
import type { Digest } from '#oci/digest.ts';
import { hubPaths } from '../paths.ts';
import type { OpenSnapshot, Settled } from '../records/index.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { BackupHead, backupFormat, databaseName, headName } from './backup-format.ts';
import { readBlobs } from './restore-blobs.ts';

const maxHeadBytes = 1 << 16;

export interface RestoreOptions {
  /** An empty directory, or one that a restore has left unfinished. */
  readonly directory: string;
  readonly openStore: (directory: string) => Promise<BlobStore>;
  /** Of the kind that wrote the backup's records. */
  readonly openSnapshot: OpenSnapshot;
  /** Blobs that the backup lacks, or has wrong, are marked as bad instead of ending it. */
  readonly allowBad?: boolean;
  readonly now: () => Date;
  readonly signal?: AbortSignal | undefined;
}

export interface Restored {
  readonly blobs: number;
  readonly bytes: number;
  /** Blobs that are not there to be served. */
  readonly bad: readonly Digest[];
}

/**
 * Makes a Hub of a backup, every byte held against its digest. The records come last: until they are there, the directory is
 * marked as unfinished, nothing is served from it, and the same command begins anew.
 *
 * @throws {EngineError} `conflict` where something is; `invalid` for what is no backup, or not a whole one
 */
export async function restore(tar: AsyncIterable<Uint8Array>, options: RestoreOptions): Promise<Restored> {
  const { directory } = options;
  const paths = hubPaths(directory);
  await claim(directory);
  const pending = `${paths.database}.restoring`;
  const members = readTar(tar, { totalSize: Number.MAX_SAFE_INTEGER, entries: Number.MAX_SAFE_INTEGER });
  try {
    const head = await readHead(members);
    await readDatabase(members, pending);
    const restored = await readRest(members, pending, options);
    if (restored.blobs + restored.bad.length < head.blobs)
      throw invalid('the backup ends before its last blob');
    await finish(directory);
    return restored;
  } catch (error) {
    // what is half there is nothing: the directory is as it was
    await empty(directory);
    await rm(paths.unfinished, { force: true });
    throw error;
  } finally {
    await members.return(undefined);
  }
}

/** The blobs, and the records brought up to what came. */
async function readRest(
  members: AsyncGenerator<TarMember>,
  path: string,
  { directory, openStore, openSnapshot, allowBad = false, now, signal }: RestoreOptions,
): Promise<Restored> {
  await using records = await openSnapshot(path);
  const { snapshots } = records;
  const store = await openStore(directory);
  const restoredAt = now().toISOString();
  const counts = await readBlobs(members, { snapshots, store, restoredAt, signal });
  const settled = await snapshots.settle(restoredAt);
  if (!allowBad) checkWhole(settled);
  return { ...counts, bad: settled.bad };
}

/** The records come to their place, and with them the Hub is there. */
async function finish(directory: string): Promise<void> {
  const paths = hubPaths(directory);
  await syncFile(`${paths.database}.restoring`);
  crashPoint('restore.before-records');
  await rename(`${paths.database}.restoring`, paths.database);
  await syncDirectory(directory);
  crashPoint('restore.before-end');
  await rm(paths.unfinished);
  await syncDirectory(directory);
}

/** Marks an empty directory; empties one whose restore was not finished. */
async function claim(directory: string): Promise<void> {
  const { unfinished } = hubPaths(directory);
  if (!existsSync(unfinished)) {
    if ((await contents(directory)).length > 0) throw conflict(`${directory} is not empty`);
    await replaceFile(unfinished, '');
  }
  await empty(directory);
}

/** What lies in the directory, but for its lock. */
const contents = async (directory: string): Promise<readonly string[]> =>
  (await readdir(directory))
    .map((name) => join(directory, name))
    .filter((path) => !path.startsWith(hubPaths(directory).lock));

/** Takes all away but the mark of a restore. */
async function empty(directory: string): Promise<void> {
  const { unfinished } = hubPaths(directory);
  for (const path of await contents(directory))
    if (path !== unfinished) await rm(path, { recursive: true, force: true });
}

async function readHead(members: AsyncGenerator<TarMember>): Promise<Required<BackupHead>> {
  const { body } = await next(members, headName);
  const bytes = await readWhole(body, maxHeadBytes, () => invalid(`${headName} is too long`));
  const head = decode(BackupHead, parsed(bytes.toString()));
  if (head.format !== backupFormat)
    throw invalid(`the backup's format is ${head.format}; this program reads ${backupFormat}`);
  return head as Required<BackupHead>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid(`this is no backup: ${messageOf(cause)}`, { cause });
  }
}

async function next(members: AsyncGenerator<TarMember>, name: string): Promise<TarMember> {
  const { value, done } = await members.next();
  if (done === true || value.entry.name !== name || value.entry.type !== 'file')
    throw invalid(`this is no backup: it has no ${name} where it belongs`);
  return value;
}

async function readDatabase(members: AsyncGenerator<TarMember>, path: string): Promise<void> {
  const { body } = await next(members, databaseName);
  await pipeline(body, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
}

/** @throws {EngineError} `invalid` for blobs that were right when the backup was made, and did not come */
function checkWhole({ lost }: Settled): void {
  if (lost.length > 0)
    throw invalid(
      `the backup lacks ${lost.length} blob${lost.length === 1 ? '' : 's'} or has them damaged, ${lost[0]!} first; ` +
        '--allow-bad restores the rest, and marks them to be pushed again',
    );
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.sync();
}
