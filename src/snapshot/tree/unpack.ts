import { closeSync, fstatSync } from 'node:fs';
import type { TarLimits } from '#archive/limits.ts';
import { readTar } from '#archive/read-tar.ts';
import { type ByteString, type EntryTime, type PlacedEntry, shownName, toBytes } from '#archive/tar-entry.ts';
import { EngineError, invalid, messageOf } from '#base/errors.ts';
import { linkAt, makeDevice, mkdirAt, mknodAt, O, openAt, setXattr, symlinkAt } from '#linux/index.ts';
import { componentsOf, entryError, isWhiteoutDevice, meaningOf, whiteoutsXattr } from '../layer-path.ts';
import { type FileStat, isWhiteout, statAt } from './live-file.ts';
import { type Owner, setMetadata, setModified } from './metadata.ts';
import { Parents, setOpaque } from './parents.ts';
import { removeAt } from './remove.ts';
import { writeBody } from './write-body.ts';

export interface UnpackOptions {
  /** What `.wh.` names are: names like any other, or a layer's whiteouts, made as overlayfs has them. */
  readonly whiteouts?: 'literal' | 'overlay';
  /** Owner of all, whatever the tar says. */
  readonly owner?: Owner;
  /** Refuse to put a file where a directory is, or a directory where a file is. */
  readonly keepKinds?: boolean;
  readonly limits?: Partial<TarLimits>;
  /** Told of each file whose bytes were written. */
  readonly onFile?: (entry: PlacedEntry, inode: number) => void;
  /** Asked before a file is unlinked to make room for a later entry. */
  readonly beforeUnlink?: (directory: number, name: ByteString, stat: FileStat) => 'taken' | 'left';
}

export interface Unpacked {
  /** The last entry that spoke of the root itself. */
  readonly root: PlacedEntry | undefined;
  /** Whether an entry took the place of another: what was told of files may have moved since. */
  readonly replaced: boolean;
  /** Bytes of the files and links made, those replaced since too. */
  readonly size: number;
}

/**
 * Unpacks a tar beneath an open directory, which may be hostile, and changing: a layer, or `docker cp` into a container.
 *
 * No entry leaves the root: names are taken apart, links on the way are followed as if the root were `/`, and the last
 * component is never followed.
 *
 * @throws {EngineError} `invalid` naming the entry; what was unpacked before stays
 */
export async function unpackInto(
  root: number,
  tar: AsyncIterable<Uint8Array>,
  options: UnpackOptions = {},
): Promise<Unpacked> {
  using unpacking = new Unpacking(root, options);
  for await (const { entry, body } of readTar(tar, options.limits)) {
    try {
      await unpacking.put(entry, body);
    } catch (error) {
      throw aboutEntry(entry, error);
    }
  }
  unpacking.finish();
  return { root: unpacking.root, replaced: unpacking.replaced, size: unpacking.size };
}

/** ENOENT, EEXIST, ENOTDIR, EISDIR, EINVAL, ENAMETOOLONG, ELOOP, EXDEV: the tar's fault, not the machine's. */
const faultsOfTar = new Set([2, 17, 20, 21, 22, 36, 40, 18]);

function aboutEntry(entry: PlacedEntry, error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  if (error.kind === 'invalid' && error.message.startsWith('invalid tar')) return error;
  if (error.kind === 'invalid' || faultsOfTar.has(error.errno ?? 0))
    return entryError(entry.name, messageOf(error), error);
  const message = `cannot unpack ${JSON.stringify(shownName(entry.name))}: ${error.message}`;
  return new EngineError(error.kind, message, { cause: error, ...(error.errno && { errno: error.errno }) });
}

class Unpacking implements Disposable {
  root: PlacedEntry | undefined;
  replaced = false;
  size = 0;
  readonly #options: UnpackOptions;
  readonly #rootFd: number;
  readonly #parents: Parents;
  /** A directory's time is set when nothing more goes into it. */
  readonly #times: [components: readonly ByteString[], modified: EntryTime][] = [];

  constructor(root: number, options: UnpackOptions) {
    this.#rootFd = root;
    this.#options = options;
    this.#parents = new Parents(root);
  }

  async put(entry: PlacedEntry, body: AsyncIterable<Uint8Array>): Promise<void> {
    const components = componentsOf(entry.name);
    const last = components.at(-1);
    if (last === undefined) {
      this.#putRoot(entry);
      return;
    }
    const above = components.slice(0, -1);
    const meaning =
      this.#options.whiteouts === 'overlay' ? meaningOf(components) : { kind: 'entry' as const };
    if (meaning.kind === 'ignored') return;
    const parent = this.#parents.open(above);
    if (meaning.kind === 'opaque') setOpaque(parent);
    else if (meaning.kind === 'whiteout') this.#hide(parent, meaning.hidden);
    else if (entry.type === 'directory') this.#putDirectory(parent, last, entry, components);
    else if (entry.type === 'hardLink') this.#putLink(parent, last, entry);
    else if (entry.type === 'file') await this.#putFile(parent, last, entry, body);
    else this.#putSpecial(parent, last, entry);
  }

  #putRoot(entry: PlacedEntry): void {
    if (entry.type !== 'directory') throw invalid('the root is not a directory');
    this.root = entry;
    setMetadata(this.#rootFd, '.', entry, this.#options.owner);
    this.#times.push([[], entry.modified]);
  }

  #hide(parent: number, name: ByteString): void {
    setXattr(parent, ...whiteoutsXattr);
    const before = statAt(parent, name);
    if (before === undefined) {
      mknodAt(parent, toBytes(name), S_IFCHR, 0);
      return;
    }
    if (!before.isDirectory()) return; // a whiteout is of lower layers only, wherever it stands in the tar
    const fd = openAt(parent, toBytes(name), O.RDONLY | O.DIRECTORY | O.NOFOLLOW);
    setOpaque(fd);
    closeSync(fd);
  }

  #putDirectory(
    parent: number,
    name: ByteString,
    entry: PlacedEntry,
    components: readonly ByteString[],
  ): void {
    const before = statAt(parent, name);
    if (before?.isDirectory() !== true) {
      const hidden = before !== undefined && this.#options.whiteouts === 'overlay' && isWhiteout(before);
      this.#makeRoom(parent, name, entry, before);
      mkdirAt(parent, toBytes(name), 0o700);
      if (hidden) this.#hide(parent, name);
    }
    setMetadata(parent, name, entry, this.#options.owner);
    this.#times.push([components, entry.modified]);
  }

  #putLink(parent: number, name: ByteString, entry: PlacedEntry): void {
    const components = componentsOf(entry.linkName);
    const last = components.pop();
    const directory = last === undefined ? undefined : this.#parents.find(components);
    try {
      const target = directory === undefined ? undefined : statAt(directory, last!);
      if (target === undefined || (this.#options.whiteouts === 'overlay' && isWhiteout(target)))
        throw invalid(`no such file to link to: ${JSON.stringify(shownName(entry.linkName))}`);
      if (target.isDirectory()) throw invalid('a hard link to a directory');
      const before = statAt(parent, name);
      if (before !== undefined && before.ino === target.ino && before.dev === target.dev) return;
      this.#makeRoom(parent, name, entry, before);
      linkAt(directory!, toBytes(last!), parent, toBytes(name));
    } finally {
      if (directory !== undefined) closeSync(directory);
    }
  }

  async #putFile(
    parent: number,
    name: ByteString,
    entry: PlacedEntry,
    body: AsyncIterable<Uint8Array>,
  ): Promise<void> {
    this.#makeRoom(parent, name, entry, statAt(parent, name));
    const flags = O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW;
    const fd = openAt(parent, toBytes(name), flags, 0o600);
    try {
      await writeBody(fd, entry, body);
      this.size += entry.size;
      this.#options.onFile?.(entry, fstatSync(fd).ino);
    } finally {
      closeSync(fd);
    }
    setMetadata(parent, name, entry, this.#options.owner);
    setModified(parent, name, entry.modified);
  }

  #putSpecial(parent: number, name: ByteString, entry: PlacedEntry): void {
    if (entry.type === 'symlink' && entry.linkName === '') throw invalid('a link to nothing');
    if (this.#options.whiteouts === 'overlay' && isWhiteoutDevice(entry)) setXattr(parent, ...whiteoutsXattr);
    this.#makeRoom(parent, name, entry, statAt(parent, name));
    this.size += entry.linkName.length;
    if (entry.type === 'symlink') symlinkAt(toBytes(entry.linkName), parent, toBytes(name));
    else mknodAt(parent, toBytes(name), typeBits[entry.type] ?? 0, makeDevice(entry.major, entry.minor));
    setMetadata(parent, name, entry, this.#options.owner);
    setModified(parent, name, entry.modified);
  }

  /** Takes away what is at a name, so that an entry can be made there. */
  #makeRoom(parent: number, name: ByteString, entry: PlacedEntry, before: FileStat | undefined): void {
    if (before === undefined) return;
    if (this.#options.keepKinds === true && before.isDirectory() !== (entry.type === 'directory'))
      throw invalid(
        before.isDirectory()
          ? 'cannot overwrite directory with non-directory'
          : 'cannot overwrite non-directory with directory',
      );
    removeAt(parent, name, this.#options.beforeUnlink);
    this.replaced = true;
    this.#parents.forget();
  }

  finish(): void {
    for (const [components, modified] of this.#times) {
      const directory = this.#parents.find(components);
      if (directory === undefined) continue;
      setModified(directory, '.', modified);
      closeSync(directory);
    }
  }

  [Symbol.dispose](): void {
    this.#parents[Symbol.dispose]();
  }
}

const S_IFCHR = 0o020000;
const typeBits: Readonly<Record<string, number>> = {
  fifo: 0o010000,
  charDevice: S_IFCHR,
  blockDevice: 0o060000,
};
