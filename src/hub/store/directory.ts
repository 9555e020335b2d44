import { mkdir, open, opendir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crashPoint } from '#base/crash-point.ts';
import { invalid, notFound } from '#base/errors.ts';
import { syncDirectory } from '#base/replace-file.ts';
import { type Digest, hexOf, isDigest } from '#oci/digest.ts';
import type { FileRange } from '../http/reply.ts';
import type { BlobStore, BlobUpload } from './blob-store.ts';
import { DirectoryUpload } from './directory-upload.ts';
import { RunningHashes } from './running-hashes.ts';

/** Configs are small, and many are read: a piece is no longer than what is left. */
const pieceSize = 1 << 20;
const algorithms = ['sha256', 'sha512'] as const;

/**
 * Blobs as files of one directory; what is written there is durable once `commit` resolves.
 *
 *     <root>/                      0700
 *     ├── blobs/sha256/ab/<hex>    whole, never written again
 *     ├── blobs/sha512/ab/<hex>
 *     └── uploads/<id>             what came so far, appended to
 */
export async function openDirectoryStore(root: string): Promise<BlobStore> {
  const folders = [join(root, 'uploads'), ...algorithms.map((name) => join(root, 'blobs', name))];
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const folder of [root, join(root, 'blobs')]) await syncDirectory(folder);
  return new DirectoryStore(root);
}

class DirectoryStore implements BlobStore {
  readonly #root: string;
  readonly #hashes = new RunningHashes();

  constructor(root: string) {
    this.#root = root;
  }

  async begin(id: string): Promise<BlobUpload> {
    const path = this.#uploadPath(id);
    await (await open(path, 'wx', 0o600)).close();
    return this.#upload(id, path, 0);
  }

  async open(id: string): Promise<BlobUpload | undefined> {
    const path = this.#uploadPath(id);
    const size = await sizeOf(path);
    return size === undefined ? undefined : this.#upload(id, path, size);
  }

  async *uploads(): AsyncIterable<string> {
    for await (const entry of await opendir(join(this.#root, 'uploads'))) yield entry.name;
  }

  async range(
    digest: Digest,
    start = 0,
    length?: number,
  ): Promise<(FileRange & { readonly size: number }) | undefined> {
    const path = this.#blobPath(digest);
    const size = await sizeOf(path);
    if (size === undefined) return undefined;
    const from = Math.min(start, size);
    return { path, start: from, length: Math.min(length ?? size, size - from), size };
  }

  async *read(digest: Digest): AsyncIterable<Uint8Array> {
    await using file = await open(this.#blobPath(digest));
    const { size } = await file.stat();
    for (let at = 0; at < size; ) {
      const piece = Buffer.allocUnsafeSlow(Math.min(pieceSize, size - at));
      const { bytesRead } = await file.read(piece, 0, piece.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield piece.subarray(0, bytesRead);
    }
  }

  delete(digest: Digest): Promise<void> {
    return rm(this.#blobPath(digest), { force: true });
  }

  async *list(): AsyncIterable<{ readonly digest: Digest; readonly size: number }> {
    for (const algorithm of algorithms) {
      const folder = join(this.#root, 'blobs', algorithm);
      for await (const entry of await opendir(folder))
        if (entry.isDirectory()) yield* blobsIn(join(folder, entry.name), algorithm);
    }
  }

  #upload(id: string, path: string, received: number): BlobUpload {
    const place = (digest: Digest) => this.#place(path, digest);
    return new DirectoryUpload({ id, path, received, hashes: this.#hashes, place });
  }

  /** Moves a synced file to where the blob belongs. */
  async #place(path: string, digest: Digest): Promise<void> {
    const target = this.#blobPath(digest);
    const folder = dirname(target);
    await rename(path, target).catch(async (error: NodeJS.ErrnoException) => {
      // the folder of its first two digits is made by the first blob in it; the upload itself may be what is missing
      if (error.code !== 'ENOENT' || (await sizeOf(path)) === undefined) throw error;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await syncDirectory(dirname(folder));
      await rename(path, target);
    });
    crashPoint('store.renamed');
    await syncDirectory(folder);
  }

  #uploadPath(id: string): string {
    if (!/^[a-f0-9]{8,128}$/.test(id))
      throw invalid(`invalid upload id: ${JSON.stringify(id.slice(0, 200))}`);
    return join(this.#root, 'uploads', id);
  }

  #blobPath(digest: Digest): string {
    if (!isDigest(digest)) throw notFound('blob', digest);
    const hex = hexOf(digest);
    return join(this.#root, 'blobs', digest.slice(0, digest.indexOf(':')), hex.slice(0, 2), hex);
  }
}

async function* blobsIn(
  folder: string,
  algorithm: string,
): AsyncIterable<{ readonly digest: Digest; readonly size: number }> {
  for await (const { name } of await opendir(folder)) {
    const digest = `${algorithm}:${name}`;
    // one that is deleted meanwhile is not there
    const size = isDigest(digest) ? await sizeOf(join(folder, name)) : undefined;
    if (size !== undefined) yield { digest: digest as Digest, size };
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
