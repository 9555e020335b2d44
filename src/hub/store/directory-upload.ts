import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { crashPoint } from '#base/crash-point.ts';
import type { Digest } from '#oci/digest.ts';
import { type AppendOptions, type BlobUpload, UploadTooLong } from './blob-store.ts';
import { GatheredFile } from './gathered-file.ts';
import type { Algorithm, RunningHashes } from './running-hashes.ts';

/** An upload that is a file: its length is what was received. */
export class DirectoryUpload implements BlobUpload {
  readonly id: string;
  readonly #path: string;
  readonly #hashes: RunningHashes;
  readonly #place: (digest: Digest) => Promise<void>;
  #received: number;
  #isSynced = false;

  constructor(options: {
    readonly id: string;
    readonly path: string;
    readonly received: number;
    readonly hashes: RunningHashes;
    /** Moves the file to where the blob of that digest belongs. */
    readonly place: (digest: Digest) => Promise<void>;
  }) {
    this.id = options.id;
    this.#path = options.path;
    this.#received = options.received;
    this.#hashes = options.hashes;
    this.#place = options.place;
  }

  get received(): number {
    return this.#received;
  }

  async append(
    bytes: AsyncIterable<Uint8Array>,
    { most = Number.POSITIVE_INFINITY, signal, algorithm = 'sha256', isLast = false }: AppendOptions = {},
  ): Promise<number> {
    const running = this.#hashes.take(this.id, this.#received, algorithm);
    const file = new GatheredFile(await open(this.#path, 'a'));
    let at = this.#received;
    this.#isSynced = false;
    try {
      for await (const chunk of bytes) {
        signal?.throwIfAborted();
        if (at + chunk.length > most) throw new UploadTooLong(`more than ${most} bytes`);
        at += chunk.length;
        running?.hash.update(chunk);
        await file.add(chunk);
      }
      if (isLast) await file.sync();
      this.#isSynced = isLast;
    } finally {
      // what came before a failure of the source is kept; a failed write keeps what the file says
      const isKept = await file.close();
      this.#received = isKept ? at : (await stat(this.#path)).size;
      if (isKept && running !== undefined) this.#hashes.put(this.id, { ...running, at });
    }
    file.check();
    crashPoint('store.appended');
    return this.#received;
  }

  async digest(algorithm: Algorithm): Promise<Digest> {
    const known = this.#hashes.peek(this.id, this.#received, algorithm);
    if (known !== undefined) return `${algorithm}:${known}`;
    const hash = createHash(algorithm);
    for await (const piece of createReadStream(this.#path, { highWaterMark: 1 << 20 })) hash.update(piece);
    this.#hashes.put(this.id, { algorithm, hash, at: this.#received });
    return `${algorithm}:${hash.copy().digest('hex')}`;
  }

  async commit(digest: Digest): Promise<void> {
    if (!this.#isSynced) await syncFile(this.#path);
    crashPoint('store.synced');
    await this.#place(digest);
    this.#hashes.drop(this.id);
  }

  async cancel(): Promise<void> {
    this.#hashes.drop(this.id);
    await rm(this.#path, { force: true });
  }
}

async function syncFile(path: string): Promise<void> {
  await using file = await open(path, 'r+');
  await file.datasync();
}
