import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { crashPoint } from '#base/crash-point.ts';
import { internal, notFound } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import { syncDirectory } from '#base/replace-file.ts';
import { type Digest, digestOf, hexOf } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import { type ContentPaths, contentPathsOf } from '#state/paths.ts';

export interface Blob {
  readonly digest: Digest;
  readonly size: number;
}

/**
 * Documents of images by digest, each a file and a row. Layers are not here: the snapshotter keeps those.
 *
 * A blob is written beside the store, synced, moved in and then recorded; boot removes what never got its row.
 */
export class ContentStore {
  readonly #paths: ContentPaths;
  readonly #database: Database;
  readonly #now: () => Date;

  private constructor(paths: ContentPaths, database: Database, now: () => Date) {
    this.#paths = paths;
    this.#database = database;
    this.#now = now;
  }

  /** Opens the store in `root`; what a crash left half-written is removed. */
  static async open(options: {
    readonly root: string;
    readonly database: Database;
    readonly now?: () => Date;
  }): Promise<ContentStore> {
    const paths = contentPathsOf(options.root);
    const store = new ContentStore(paths, options.database, options.now ?? (() => new Date()));
    await rm(paths.ingests, { recursive: true, force: true });
    await mkdir(paths.ingests, { recursive: true, mode: 0o700 });
    await mkdir(paths.blobs, { recursive: true, mode: 0o700 });
    await store.#compare();
    return store;
  }

  /** Keeps a document; one that is there already is left alone. Durable when it resolves. */
  async put(bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    if (this.has(digest)) return digest;
    const ingest = this.#paths.ingest(newId());
    await writeSynced(ingest, bytes);
    crashPoint('content.ingested');
    await rename(ingest, this.#paths.blob(hexOf(digest)));
    await syncDirectory(this.#paths.blobs);
    crashPoint('content.moved');
    const created = this.#now().toISOString();
    this.#database.run('INSERT OR IGNORE INTO blob VALUES (?, ?, ?)', digest, bytes.length, created);
    return digest;
  }

  has(digest: Digest): boolean {
    return this.#database.get('SELECT 1 FROM blob WHERE digest = ?', digest) !== undefined;
  }

  /** @throws {EngineError} `notFound`; `internal` when the disk no longer has what was written */
  async get(digest: Digest): Promise<Buffer> {
    if (!this.has(digest)) throw notFound('content', digest);
    const bytes = await readFile(this.#paths.blob(hexOf(digest)));
    if (digestOf(bytes) !== digest) throw internal(`The file of ${digest} is damaged`);
    return bytes;
  }

  list(): readonly Blob[] {
    return this.#database.all<{ digest: Digest; size: number }>('SELECT digest, size FROM blob');
  }

  /** Removes a blob; one that is gone already is fine. */
  async remove(digest: Digest): Promise<void> {
    this.#database.run('DELETE FROM blob WHERE digest = ?', digest);
    await rm(this.#paths.blob(hexOf(digest)), { force: true });
  }

  async #compare(): Promise<void> {
    const files = new Set(await readdir(this.#paths.blobs));
    for (const { digest } of this.list())
      if (!files.delete(hexOf(digest))) this.#database.run('DELETE FROM blob WHERE digest = ?', digest);
    for (const stray of files) await rm(this.#paths.blob(stray), { force: true });
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
