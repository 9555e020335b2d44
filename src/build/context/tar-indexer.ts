import { createHash, type Hash, hash } from 'node:crypto';
import { type PlacedEntry, shownName } from '#archive/tar-entry.ts';
import { TarParser } from '#archive/tar-parser.ts';
import { EngineError, invalid, messageOf } from '#base/errors.ts';
import type { FileTree } from './file-tree.ts';
import { TreeBuilder } from './tree-builder.ts';

/**
 * Makes the tree of a tar while its bytes pass: where each file's bytes lie in the tar, and their digest. Devices are left
 * out; sparse files have no digest yet, since their holes are not in the tar.
 *
 * @throws {EngineError} from `write` and `end`: `invalid`, naming the entry
 */
export class TarIndexer {
  readonly #builder = new TreeBuilder({ followLinks: true });
  readonly #parser = new TarParser({
    entry: (entry) => this.#entry(entry),
    data: (bytes) => this.#data(bytes),
  });
  /** The file whose bytes come next; undefined when they need no digest. */
  #node: number | undefined;
  #left = 0;
  #hash: Hash | undefined;

  get tree(): FileTree {
    return this.#builder.tree;
  }

  write(chunk: Uint8Array): void {
    this.#parser.write(chunk);
  }

  end(): void {
    this.#parser.end();
  }

  #entry(entry: PlacedEntry): void {
    try {
      this.#place(entry);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      const name = shownName(entry.name.length > 300 ? `${entry.name.slice(0, 300)}…` : entry.name);
      throw invalid(`Cannot place ${JSON.stringify(name)} in the context: ${messageOf(error)}`);
    }
  }

  #place(entry: PlacedEntry): void {
    this.#node = undefined;
    const { type, name, mode, size, bodyOffset: offset, linkName, xattrs, sparse: segments } = entry;
    if (type === 'charDevice' || type === 'blockDevice') return;
    if (type === 'hardLink') {
      this.#builder.link(name, linkName);
      return;
    }
    const node = this.#builder.put(name, { type, mode, size, offset, linkName, xattrs, segments });
    if (type !== 'file' || segments !== undefined) return;
    if (size === 0) this.tree.setDigest(node, emptyDigest);
    this.#node = node;
    this.#left = size;
  }

  #data(bytes: Uint8Array): void {
    if (this.#node === undefined) return;
    if (this.#hash === undefined && bytes.length === this.#left) {
      this.tree.setDigest(this.#node, hash('sha256', bytes, 'buffer'));
      return;
    }
    this.#hash ??= createHash('sha256');
    this.#hash.update(bytes);
    this.#left -= bytes.length;
    if (this.#left > 0) return;
    this.tree.setDigest(this.#node, this.#hash.digest());
    this.#hash = undefined;
  }
}

const emptyDigest = hash('sha256', Buffer.alloc(0), 'buffer');
