import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { crashPoint } from '#base/crash-point.ts';
import { internal } from '#base/errors.ts';
import { newId } from '#base/id.ts';
import type { Digest } from '#oci/digest.ts';
import type { Database } from '#state/database.ts';
import type { Paths } from '#state/paths.ts';
import { FileRanges } from './file-range.ts';
import { type PackedFile, PackWriter } from './pack-writer.ts';

/** Where a content lies. */
export interface Place {
  readonly pack: string;
  readonly offset: number;
  readonly size: number;
}

/** Files of packs that nobody reads just now stay open, up to so many. */
const maxIdle = 8;

interface Reader {
  readonly ranges: FileRanges;
  users: number;
}

/**
 * The contents of contexts' files, each once, in files (packs) of many. A pack is written once, synced and then recorded
 * with all that is in it in one transaction: what is recorded is on the disk, and what is not is removed at boot.
 */
export class Packs {
  readonly database: Database;
  readonly #paths: Paths;
  readonly #now: () => Date;
  readonly #readers = new Map<string, Reader>();

  constructor(options: { readonly database: Database; readonly paths: Paths; readonly now: () => Date }) {
    this.database = options.database;
    this.#paths = options.paths;
    this.#now = options.now;
  }

  pathOf(pack: string): string {
    return this.#paths.buildFolder('packs', pack);
  }

  find(digest: Digest): Place | undefined {
    return this.database.get<Place>('SELECT pack, offset, size FROM build_file WHERE digest = ?', digest);
  }

  /** The size of a content that is here, which counts as used now. */
  use(digest: Digest): number | undefined {
    const sql = 'UPDATE build_file SET used_at = ? WHERE digest = ? RETURNING size';
    return this.database.get<{ size: number }>(sql, this.#now().toISOString(), digest)?.size;
  }

  /** A content's bytes. */
  async *open(digest: Digest): AsyncGenerator<Uint8Array> {
    const { reader, place } = await this.#reader(digest);
    try {
      yield* reader.ranges.read(place.offset, place.size);
    } finally {
      await this.#release(place.pack, reader);
    }
  }

  /** A new pack. */
  async writer(): Promise<PackWriter> {
    await mkdir(this.#paths.buildFolder('packs'), { recursive: true, mode: 0o700 });
    const name = newId();
    return new PackWriter(name, this.pathOf(name));
  }

  /**
   * Makes a pack that is written durable, and its contents known: those that `record` does not place are in the pack but
   * of no use. @param record runs in the transaction
   */
  async commit(writer: PackWriter, record: (files: readonly PackedFile[]) => void): Promise<void> {
    const files = await writer.finish();
    crashPoint('context.packWritten');
    if (files.length === 0) return;
    try {
      this.database.transaction(() => {
        const created = this.#now().toISOString();
        this.database.run('INSERT INTO build_pack VALUES (?, ?, ?)', writer.name, writer.size, created);
        record(files);
      });
    } catch (error) {
      await writer.discard();
      throw error;
    }
    crashPoint('context.packRecorded');
  }

  /** Records files as new contents of a pack; what is here already stays where it is. */
  record(pack: string, files: readonly PackedFile[]): void {
    const used = this.#now().toISOString();
    for (const { digest, offset, size } of files)
      this.database.run(
        'INSERT INTO build_file VALUES (?, ?, ?, ?, ?) ON CONFLICT (digest) DO UPDATE SET used_at = excluded.used_at',
        digest,
        pack,
        offset,
        size,
        used,
      );
  }

  /** Removes the file of a pack that is no longer recorded. Who reads it reads on. */
  async removeFile(pack: string): Promise<void> {
    await rm(this.pathOf(pack), { force: true });
    const reader = this.#readers.get(pack);
    this.#readers.delete(pack);
    if (reader?.users === 0) await reader.ranges[Symbol.asyncDispose]();
  }

  /** Compares records with the disk: removes files that were never recorded, forgets packs that are gone or cut short. */
  async recover(): Promise<void> {
    const folder = this.#paths.buildFolder('packs');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const strays = new Set(await readdir(folder));
    for (const { name, size } of this.database.all<{ name: string; size: number }>(
      'SELECT name, size FROM build_pack',
    )) {
      const found = strays.delete(name) ? (await stat(this.pathOf(name))).size : -1;
      if (found < size) this.#forget(name);
      if (found >= 0 && found < size) strays.add(name);
    }
    for (const stray of strays) await rm(this.pathOf(stray), { force: true });
  }

  async close(): Promise<void> {
    const readers = [...this.#readers.values()];
    this.#readers.clear();
    await Promise.all(readers.map(({ ranges }) => ranges[Symbol.asyncDispose]()));
  }

  /** Listings that may speak of its contents go with it. */
  #forget(pack: string): void {
    this.database.transaction(() => {
      this.database.run('DELETE FROM build_pack WHERE name = ?', pack);
      this.database.run('DELETE FROM build_origin');
    });
  }

  /** A pack may be rewritten between finding a content and opening its file: then it is elsewhere. */
  async #reader(digest: Digest): Promise<{ readonly reader: Reader; readonly place: Place }> {
    for (let attempt = 0; ; attempt++) {
      const place = this.find(digest);
      if (place === undefined) throw internal(`The content ${digest} of a build context is gone`);
      const reader = this.#readers.get(place.pack) ?? {
        ranges: new FileRanges(this.pathOf(place.pack)),
        users: 0,
      };
      this.#readers.set(place.pack, reader);
      reader.users += 1;
      try {
        await reader.ranges.opened();
        return { reader, place };
      } catch (error) {
        reader.users -= 1;
        if (this.#readers.get(place.pack) === reader) this.#readers.delete(place.pack);
        if (attempt === 2 || !isMissing(error)) throw error;
      }
    }
  }

  /** A reader whose pack was removed meanwhile has no other owner. */
  async #release(pack: string, reader: Reader): Promise<void> {
    reader.users -= 1;
    const orphan = reader.users === 0 && this.#readers.get(pack) !== reader;
    if (orphan) await reader.ranges[Symbol.asyncDispose]();
    else await this.#closeIdle();
  }

  async #closeIdle(): Promise<void> {
    const gone: Reader[] = [];
    for (const [pack, reader] of this.#readers) {
      if (reader.users > 0 || this.#readers.size - gone.length <= maxIdle) continue;
      gone.push(reader);
      this.#readers.delete(pack);
    }
    await Promise.all(gone.map(({ ranges }) => ranges[Symbol.asyncDispose]()));
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
