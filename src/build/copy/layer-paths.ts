import { posix } from 'node:path';
import type { FileInfo, FileSource } from '#archive/file-source.ts';
import { type ByteString, fromText, noXattrs, parentOf, shownName } from '#archive/tar-entry.ts';
import { headerOf } from '#archive/write-tar.ts';
import { invalid } from '#base/errors.ts';
import type { CopyRequest } from './copy.ts';
import type { Owner } from './owner.ts';
import { resolvePath } from './resolve-path.ts';

/** What a layer says of a directory. */
export type DirectoryInfo = Pick<FileInfo, 'mode' | 'uid' | 'gid' | 'xattrs' | 'modified'>;

/** Where things go in the layer, on top of the root that it is for. Paths are relative to the root. */
export class LayerPaths {
  readonly #root: FileSource | undefined;
  readonly #made: DirectoryInfo;
  /** Directories that the layer has, and whether the root had them before. */
  readonly #directories = new Map<ByteString, 'new' | 'old'>([['', 'old']]);
  /** The layer's directories by the one that they are in. */
  readonly #inner = new Map<ByteString, Set<ByteString>>();
  readonly #first = new Map<string, ByteString>();

  constructor(given: {
    readonly root: FileSource | undefined;
    readonly owner: Owner;
    /** Seconds. */
    readonly epoch: number;
  }) {
    this.#root = given.root;
    this.#made = {
      mode: 0o755,
      ...given.owner,
      xattrs: noXattrs,
      modified: { seconds: given.epoch, nanoseconds: 0 },
    };
  }

  /** The destination, links followed. */
  destination({ workingDirectory, destination }: CopyRequest): ByteString {
    const bytes = fromText(posix.resolve('/', workingDirectory, destination).slice(1));
    return this.#root === undefined ? bytes : resolvePath(this.#root, bytes);
  }

  /** What the root has at a path, unless the layer made a directory anew there or above. */
  find(path: ByteString): FileInfo | undefined {
    return this.#directories.get(parentOf(path)) === 'new' ? undefined : this.#root?.find(path);
  }

  /** Whether the layer has this directory already. */
  has(path: ByteString): boolean {
    return this.#directories.has(path);
  }

  isDirectory(path: ByteString): boolean {
    return this.#directories.has(path) || this.find(path)?.type === 'directory';
  }

  /** @returns the name under which this file came before; otherwise remembers this one */
  firstName(identity: string, path: ByteString): ByteString | undefined {
    const before = this.#first.get(identity);
    if (before === undefined) this.#first.set(identity, path);
    return before;
  }

  /** A file is about to be put there. @throws {EngineError} `invalid` when it would take a directory's place */
  checkFile(path: ByteString): void {
    checkName(path);
    if (this.isDirectory(path))
      throw invalid(`cannot replace to directory ${JSON.stringify(`/${shownName(path)}`)} with file`);
  }

  /** A directory and those above it: as they are in the root, else made. */
  *directories(path: ByteString, made = this.#made): Generator<Uint8Array> {
    if (this.#directories.has(path)) return;
    yield* this.directories(parentOf(path), made);
    const there = this.#there(path);
    yield header(path, there ?? made);
    this.#note(path, there === undefined ? 'new' : 'old');
  }

  /** A directory that is copied: one that is there becomes as this one. */
  *directory(path: ByteString, info: DirectoryInfo): Generator<Uint8Array> {
    yield* this.directories(parentOf(path));
    const isOld = this.#directories.get(path) === 'old' || this.#there(path) !== undefined;
    yield header(path, info);
    this.#note(path, isOld ? 'old' : 'new');
  }

  /** A directory of an archive: takes the place of what is there, and of what the layer had there. */
  *archivedDirectory(path: ByteString, info: DirectoryInfo): Generator<Uint8Array> {
    const isOld = this.find(path)?.type === 'directory';
    checkName(path);
    yield header(path, info);
    this.#note(path, isOld ? 'old' : 'new');
  }

  /** An archive put something else where a directory was: the layer has none there, nor beneath. */
  forget(path: ByteString): void {
    for (const ahead = [path]; ahead.length > 0; ) {
      const gone = ahead.pop()!;
      for (const beneath of this.#inner.get(gone) ?? []) ahead.push(beneath);
      this.#inner.delete(gone);
      this.#directories.delete(gone);
    }
  }

  #note(path: ByteString, state: 'new' | 'old'): void {
    this.#directories.set(path, state);
    const above = parentOf(path);
    const beside = this.#inner.get(above);
    if (beside === undefined) this.#inner.set(above, new Set([path]));
    else beside.add(path);
  }

  #there(path: ByteString): FileInfo | undefined {
    checkName(path);
    const there = this.find(path);
    if (there !== undefined && there.type !== 'directory')
      throw invalid(`cannot copy to non-directory: ${JSON.stringify(`/${shownName(path)}`)}`);
    return there;
  }
}

/** @throws {EngineError} `invalid` for a name that means a whiteout. @see OCI image-spec, layer.md § Whiteouts */
export function checkName(path: ByteString): void {
  if (path.startsWith('.wh.', path.lastIndexOf('/') + 1))
    throw invalid(
      `cannot copy ${JSON.stringify(`/${shownName(path)}`)}: in a layer the name means a removal`,
    );
}

function header(path: ByteString, { mode, uid, gid, xattrs, modified }: DirectoryInfo): Uint8Array {
  return headerOf({ name: `${path}/`, type: 'directory', mode, uid, gid, xattrs, modified });
}
