import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { type Digest, hexOf, isDigest } from '#oci/digest.ts';
import type { MirrorRecords, SizedBlob } from '../records/index.ts';
import { SharedFetch } from './shared-fetch.ts';

export interface MirrorLimits {
  /** Bytes of blobs that are kept. */
  readonly maxBytes: number;
  /** What nobody asked for in so long goes. Milliseconds. */
  readonly maxAge: number;
}

export interface MirrorStoreOptions {
  readonly records: MirrorRecords;
  readonly directory: string;
  readonly limits: MirrorLimits;
  readonly now: () => Date;
}

/** A blob that is on its way. */
interface Fetching {
  readonly fetch: SharedFetch;
  /** Of the repositories that it is for. */
  readonly names: Set<string>;
  /** Resolves once it is recorded. */
  readonly kept: Promise<void>;
}

/** So many files are asked about at once. */
const mostAsked = 256;

/** What the mirror keeps: blobs as files, and the records of everything. */
export class MirrorStore {
  readonly #records: MirrorRecords;
  readonly #directory: string;
  readonly #limits: MirrorLimits;
  readonly #now: () => Date;
  readonly #fetches = new Map<Digest, Fetching>();

  private constructor(options: MirrorStoreOptions) {
    this.#records = options.records;
    this.#directory = options.directory;
    this.#limits = options.limits;
    this.#now = options.now;
  }

  /** What a crash left half-fetched goes. */
  static async open(options: MirrorStoreOptions): Promise<MirrorStore> {
    const store = new MirrorStore(options);
    await rm(join(options.directory, 'incoming'), { recursive: true, force: true });
    for (const folder of ['incoming', 'sha256', 'sha512'])
      await mkdir(join(options.directory, folder), { recursive: true, mode: 0o700 });
    await store.#dropUnknown();
    return store;
  }

  /** A blob that is here, as a file. */
  async blob(
    name: string,
    digest: Digest,
  ): Promise<{ readonly path: string; readonly size: number } | undefined> {
    const size = await this.#records.blobSize(name, digest);
    if (size === undefined) return undefined;
    const path = this.#pathOf(digest);
    const found = await stat(path).catch(() => undefined);
    if (found?.size === size) return { path, size };
    await this.#records.dropBlob(digest);
    return undefined;
  }

  /** A fetch of the blob that goes on. */
  fetching(name: string, digest: Digest): SharedFetch | undefined {
    const going = this.#fetches.get(digest);
    going?.names.add(name);
    return going?.fetch;
  }

  /**
   * Begins to keep a blob: `bytes` throws at its end when they were not what they should be.
   *
   * @returns `kept` resolves once it is recorded, or rejects with what it ended with
   */
  keep(
    name: string,
    digest: Digest,
    { size, bytes }: { size: number; bytes: AsyncIterable<Uint8Array> },
  ): Pick<Fetching, 'fetch' | 'kept'> {
    const path = join(this.#directory, 'incoming', randomBytes(16).toString('hex'));
    const fetch = new SharedFetch({ size, bytes, path, to: this.#pathOf(digest) });
    const names = new Set([name]);
    const kept = fetch.done
      .then(() => this.#record({ digest, size }, names))
      // before anything else is waited for: nobody is to join a fetch that has failed
      .finally(() => this.#fetches.delete(digest));
    kept.catch(() => rm(path, { force: true }));
    this.#fetches.set(digest, { fetch, names, kept });
    return { fetch, kept };
  }

  /** With those who join while it is written. */
  async #record(blob: SizedBlob, names: ReadonlySet<string>): Promise<void> {
    for (let written = 0; written < names.size; ) {
      written = names.size;
      await this.#records.putBlob(blob, [...names]);
    }
  }

  /** Drops what is too old, then the least recently used, until the rest fits. @returns bytes freed */
  async trim(signal?: AbortSignal): Promise<number> {
    const before = new Date(this.#now().getTime() - this.#limits.maxAge).toISOString();
    const { maxBytes } = this.#limits;
    while ((await this.#records.dropManifests(before)) > 0) await nextTurn(signal);
    let freed = 0;
    for (;;) {
      const dropped = await this.#records.dropBlobs({ before, maxBytes });
      if (dropped.length === 0) return freed;
      for (const { digest, size } of dropped) {
        await rm(this.#pathOf(digest), { force: true });
        freed += size;
      }
      await nextTurn(signal);
    }
  }

  /** Fetches that go on are over when it resolves, however they end. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#fetches.values()].map(({ kept }) => kept));
  }

  /** Files that no record speaks of: of a crash between the two. */
  async #dropUnknown(): Promise<void> {
    for (const algorithm of ['sha256', 'sha512'] as const) {
      const names = await readdir(join(this.#directory, algorithm));
      for (let from = 0; from < names.length; from += mostAsked) {
        const digests = names.slice(from, from + mostAsked).map((name) => `${algorithm}:${name}`);
        const unknown = new Set<string>(await this.#records.unknownBlobs(digests.filter(isDigest)));
        for (const digest of digests)
          if (!isDigest(digest) || unknown.has(digest))
            await rm(join(this.#directory, digest.replace(':', '/')), { force: true, recursive: true });
      }
    }
  }

  #pathOf(digest: Digest): string {
    return join(this.#directory, digest.slice(0, digest.indexOf(':')), hexOf(digest));
  }
}

/** Requests are served between two steps. */
async function nextTurn(signal: AbortSignal | undefined): Promise<void> {
  await turn();
  signal?.throwIfAborted();
}
