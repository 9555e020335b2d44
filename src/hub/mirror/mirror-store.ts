import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, hexOf, isDigest } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import { SharedFetch } from './shared-fetch.ts';

export interface MirrorLimits {
  /** Bytes of blobs that are kept. */
  readonly maxBytes: number;
  /** What nobody asked for in so long goes. Milliseconds. */
  readonly maxAge: number;
}

export interface MirrorManifest {
  readonly digest: Digest;
  readonly media_type: string;
  readonly bytes: Uint8Array;
}

/** Use is recorded no more often than this: reads then write next to nothing. */
const useMilliseconds = 60_000;

export interface MirrorStoreOptions {
  readonly database: Database;
  readonly directory: string;
  readonly limits: MirrorLimits;
  readonly now: () => Date;
}

/** What the mirror keeps: manifests and tags in the database, blobs as files. */
export class MirrorStore {
  readonly #database: Database;
  readonly #directory: string;
  readonly #limits: MirrorLimits;
  readonly #now: () => Date;
  /** Fetches that go on, with the names of the repositories that they are for. */
  readonly #fetches = new Map<Digest, { readonly fetch: SharedFetch; readonly names: Set<string> }>();

  private constructor(options: MirrorStoreOptions) {
    this.#database = options.database;
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

  tag(name: string, tag: string): { readonly digest: Digest; readonly checked_at: string } | undefined {
    return this.#database.get(
      'SELECT digest, checked_at FROM mirror_tag WHERE name = ? AND tag = ?',
      name,
      tag,
    );
  }

  setTag(name: string, tag: string, digest: Digest): void {
    this.#database.run(
      'INSERT OR REPLACE INTO mirror_tag VALUES (?, ?, ?, ?)',
      name,
      tag,
      digest,
      this.#time(),
    );
  }

  /** Only what the repository was seen to have. */
  manifest(name: string, digest: Digest): MirrorManifest | undefined {
    const row = this.#database.get<MirrorManifest & { readonly used_at: string }>(
      `SELECT m.* FROM mirror_manifest m JOIN mirror_link l ON l.digest = m.digest WHERE l.name = ? AND m.digest = ?`,
      name,
      digest,
    );
    if (row !== undefined && this.#isStale(row.used_at))
      this.#database.run('UPDATE mirror_manifest SET used_at = ? WHERE digest = ?', this.#time(), digest);
    return row;
  }

  putManifest(
    name: string,
    { digest, mediaType, bytes }: { digest: Digest; mediaType: string; bytes: Uint8Array },
  ): void {
    this.#database.transaction(() => {
      this.#database.run(
        'INSERT OR REPLACE INTO mirror_manifest VALUES (?, ?, ?, ?)',
        ...[digest, mediaType, bytes, this.#time()],
      );
      this.#link(name, digest);
    });
  }

  /** A blob that is here, as a file. */
  async blob(
    name: string,
    digest: Digest,
  ): Promise<{ readonly path: string; readonly size: number } | undefined> {
    const row = this.#database.get<{ size: number; used_at: string }>(
      `SELECT b.size, b.used_at FROM mirror_blob b JOIN mirror_link l ON l.digest = b.digest WHERE l.name = ? AND b.digest = ?`,
      name,
      digest,
    );
    if (row === undefined) return undefined;
    const path = this.#pathOf(digest);
    const found = await stat(path).catch(() => undefined);
    if (found?.size !== row.size) {
      this.#database.run('DELETE FROM mirror_blob WHERE digest = ?', digest);
      return undefined;
    }
    if (this.#isStale(row.used_at))
      this.#database.run('UPDATE mirror_blob SET used_at = ? WHERE digest = ?', this.#time(), digest);
    return { path, size: row.size };
  }

  /** A fetch of the blob that goes on. */
  fetching(name: string, digest: Digest): SharedFetch | undefined {
    const going = this.#fetches.get(digest);
    going?.names.add(name);
    return going?.fetch;
  }

  /** Begins to keep a blob: `bytes` throws at its end when they were not what they should be. */
  keep(
    name: string,
    digest: Digest,
    { size, bytes }: { size: number; bytes: AsyncIterable<Uint8Array> },
  ): SharedFetch {
    const path = join(this.#directory, 'incoming', randomBytes(16).toString('hex'));
    const fetch = new SharedFetch({ size, bytes, path, to: this.#pathOf(digest) });
    const names = new Set([name]);
    this.#fetches.set(digest, { fetch, names });
    void fetch.done
      .then(() => this.#record(digest, size, names))
      // before anything else is waited for: nobody is to join a fetch that has failed
      .finally(() => this.#fetches.delete(digest))
      .catch(() => rm(path, { force: true }));
    return fetch;
  }

  #record(digest: Digest, size: number, names: ReadonlySet<string>): void {
    this.#database.transaction(() => {
      this.#database.run('INSERT OR REPLACE INTO mirror_blob VALUES (?, ?, ?)', digest, size, this.#time());
      for (const name of names) this.#link(name, digest);
    });
  }

  /** Drops what is too old, then the least recently used, until the rest fits. @returns bytes freed */
  async trim(): Promise<number> {
    const before = new Date(this.#now().getTime() - this.#limits.maxAge).toISOString();
    this.#database.transaction(() => {
      this.#database.run('DELETE FROM mirror_manifest WHERE used_at < ?', before);
      this.#database.run('DELETE FROM mirror_tag WHERE digest NOT IN (SELECT digest FROM mirror_manifest)');
    });
    const sum = this.#database.get<{ bytes: number }>(
      'SELECT coalesce(sum(size), 0) AS bytes FROM mirror_blob',
    )!;
    let { bytes } = sum;
    let freed = 0;
    const rows = this.#database.all<{ digest: Digest; size: number; used_at: string }>(
      'SELECT digest, size, used_at FROM mirror_blob ORDER BY used_at, digest',
    );
    for (const { digest, size, used_at: usedAt } of rows) {
      if (usedAt >= before && bytes <= this.#limits.maxBytes) break;
      this.#database.run('DELETE FROM mirror_blob WHERE digest = ?', digest);
      await rm(this.#pathOf(digest), { force: true });
      bytes -= size;
      freed += size;
    }
    this.#database.run(
      `DELETE FROM mirror_link WHERE digest NOT IN
         (SELECT digest FROM mirror_blob UNION ALL SELECT digest FROM mirror_manifest)`,
    );
    return freed;
  }

  /** Fetches that go on are over when it resolves, however they end. */
  async settled(): Promise<void> {
    await Promise.allSettled([...this.#fetches.values()].map(({ fetch }) => fetch.done));
  }

  /** Files that no row speaks of: of a crash between the two. */
  async #dropUnknown(): Promise<void> {
    for (const algorithm of ['sha256', 'sha512'] as const)
      for (const name of await readdir(join(this.#directory, algorithm))) {
        const digest = `${algorithm}:${name}`;
        const row =
          isDigest(digest) && this.#database.get('SELECT 1 FROM mirror_blob WHERE digest = ?', digest);
        if (!row) await rm(join(this.#directory, algorithm, name), { force: true, recursive: true });
      }
  }

  #link(name: string, digest: Digest): void {
    this.#database.run('INSERT OR IGNORE INTO mirror_link VALUES (?, ?)', name, digest);
  }

  #pathOf(digest: Digest): string {
    return join(this.#directory, digest.slice(0, digest.indexOf(':')), hexOf(digest));
  }

  #isStale(usedAt: string): boolean {
    return this.#now().getTime() - Date.parse(usedAt) > useMilliseconds;
  }

  #time(): string {
    return this.#now().toISOString();
  }
}
