import { closeSync, fchmodSync } from 'node:fs';
import { type ByteString, toBytes } from '#archive/tar-entry.ts';
import { EngineError, invalid } from '#base/errors.ts';
import { mkdirAt, O, openAt, openBeneath, setXattr, unlinkAt } from '#linux/index.ts';
import { opaqueXattr } from '../layer-path.ts';
import { isAbsent, isWhiteout, statAt } from './live-file.ts';

const directoryFlags = O.RDONLY | O.DIRECTORY;

/**
 * The directories that entries go into, opened as beneath a root of their own: links on the way are followed, and
 * cannot lead out. The last one stays open, since entries come in groups.
 */
export class Parents implements Disposable {
  readonly #root: number;
  #path: ByteString | undefined;
  #fd: number | undefined;

  constructor(root: number) {
    this.#root = root;
  }

  /** The directory at a path; what is missing is made. The descriptor is good until the next call. */
  open(components: readonly ByteString[]): number {
    const path = components.join('/');
    if (path === this.#path && this.#fd !== undefined) return this.#fd;
    this[Symbol.dispose]();
    this.#fd = find(this.#root, path) ?? this.#make(components);
    this.#path = path;
    return this.#fd;
  }

  /** The directory at a path, which must be there. The caller closes it. */
  find(components: readonly ByteString[]): number | undefined {
    return find(this.#root, components.join('/'));
  }

  /** To be called when a name was replaced: paths may lead elsewhere now. */
  forget(): void {
    this.#path = undefined;
  }

  [Symbol.dispose](): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
    this.#fd = undefined;
  }

  /** Makes what is missing of a path, below the longest part of it that is there. */
  #make(components: readonly ByteString[]): number {
    let present = 0;
    for (let missing = components.length; missing - present > 1; ) {
      const middle = (present + missing) >> 1;
      const found = this.find(components.slice(0, middle));
      if (found === undefined) missing = middle;
      else {
        present = middle;
        closeSync(found);
      }
    }
    let fd: number | undefined = this.find(components.slice(0, present));
    for (const component of components.slice(present)) {
      if (fd === undefined) break;
      const above = fd;
      try {
        fd = makeIn(above, component);
      } finally {
        closeSync(above);
      }
    }
    if (fd === undefined) throw invalid('no such directory');
    return fd;
  }
}

function find(root: number, path: ByteString): number | undefined {
  try {
    return openBeneath(root, path === '' ? '.' : toBytes(path), directoryFlags);
  } catch (error) {
    if (isAbsent(error) && !(error instanceof EngineError && error.errno === 40)) return undefined;
    throw error;
  }
}

/** Makes a directory that no entry speaks of. */
function makeIn(parent: number, name: ByteString): number {
  const before = statAt(parent, name);
  const hidden = before !== undefined && isWhiteout(before);
  if (before !== undefined && !hidden)
    throw invalid(before.isSymbolicLink() ? 'no such directory' : 'not a directory');
  if (hidden) unlinkAt(parent, toBytes(name));
  mkdirAt(parent, toBytes(name), 0o755);
  const fd = openAt(parent, toBytes(name), directoryFlags | O.NOFOLLOW);
  fchmodSync(fd, 0o755);
  if (hidden) setOpaque(fd);
  return fd;
}

/** Makes a directory hide what lower layers have beneath it. */
export const setOpaque = (directory: number): void => setXattr(directory, ...opaqueXattr);
