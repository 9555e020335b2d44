import { createHash } from 'node:crypto';
import { closeSync, fstatSync } from 'node:fs';
import type { FileInfo, FileSource } from '#archive/file-source.ts';
import { type ByteString, noXattrs, shownName, toBytes } from '#archive/tar-entry.ts';
import { notFound } from '#base/errors.ts';
import { O, openAt } from '#linux/index.ts';
import { entryAt, isAbsent, namesIn, openDirectory, statAt } from './live-file.ts';
import { bytesOf } from './pack.ts';

/** How many directories are held open. */
const heldDirectories = 64;

/**
 * The files beneath an open root (`MountedRootfs.fd`). No link is ever followed, whoever made the tree. The root stays
 * its opener's.
 */
export class MountedFiles implements FileSource, Disposable {
  readonly #root: number;
  /** Oldest first. */
  readonly #directories = new Map<ByteString, number | undefined>();

  constructor(root: number) {
    this.#root = root;
  }

  find(path: ByteString): FileInfo | undefined {
    const cut = path.lastIndexOf('/');
    const directory = this.#open(path.slice(0, Math.max(cut, 0)));
    if (directory === undefined) return undefined;
    const name = path === '' ? '.' : path.slice(cut + 1);
    const stat = statAt(directory, name);
    const entry = stat === undefined ? undefined : entryAt(directory, name, stat, name);
    if (stat === undefined || entry === undefined || entry.type === 'hardLink') return undefined;
    const shared = stat.nlink > 1n && entry.type !== 'directory';
    return {
      type: entry.type,
      mode: entry.mode ?? 0,
      uid: entry.uid ?? 0,
      gid: entry.gid ?? 0,
      size: entry.size ?? 0,
      modified: entry.modified ?? { seconds: 0, nanoseconds: 0 },
      linkName: entry.linkName ?? '',
      major: entry.major ?? 0,
      minor: entry.minor ?? 0,
      xattrs: entry.xattrs ?? noXattrs,
      ...(shared ? { identity: `${stat.dev}:${stat.ino}` } : {}),
    };
  }

  list(path: ByteString): readonly ByteString[] {
    const directory = this.#open(path);
    return directory === undefined ? [] : namesIn(directory);
  }

  async *open(path: ByteString): AsyncGenerator<Uint8Array> {
    const fd = this.#file(path);
    try {
      yield* bytesOf(fd, { offset: 0, length: fstatSync(fd).size });
    } finally {
      closeSync(fd);
    }
  }

  async digestOf(path: ByteString): Promise<string> {
    const hash = createHash('sha256');
    for await (const bytes of this.open(path)) hash.update(bytes);
    return `sha256:${hash.digest('hex')}`;
  }

  #file(path: ByteString): number {
    const cut = path.lastIndexOf('/');
    const directory = this.#open(path.slice(0, Math.max(cut, 0)));
    try {
      if (directory === undefined) throw notFound('file', shownName(path));
      const fd = openAt(directory, toBytes(path.slice(cut + 1)), O.RDONLY | O.NOFOLLOW | O.NONBLOCK);
      if (fstatSync(fd).isFile()) return fd;
      closeSync(fd);
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
    throw notFound('file', shownName(path));
  }

  #open(path: ByteString): number | undefined {
    if (this.#directories.has(path)) {
      const held = this.#directories.get(path);
      this.#directories.delete(path);
      this.#directories.set(path, held);
      return held;
    }
    const opened = openDirectory(this.#root, path);
    this.#directories.set(path, opened);
    if (this.#directories.size > heldDirectories) {
      const [oldest, fd] = this.#directories.entries().next().value!;
      this.#directories.delete(oldest);
      if (fd !== undefined) closeSync(fd);
    }
    return opened;
  }

  [Symbol.dispose](): void {
    for (const fd of this.#directories.values()) if (fd !== undefined) closeSync(fd);
    this.#directories.clear();
  }
}
