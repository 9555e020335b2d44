import type { FileInfo } from '#archive/file-source.ts';
import { type ByteString, shownName } from '#archive/tar-entry.ts';
import { notFound } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import type { Context } from './context.ts';
import type { FileTree } from './file-tree.ts';
import { TreeDigests } from './tree-digest.ts';

/** Where the bytes of a tree's files are. */
export interface Contents {
  open(node: number): AsyncIterable<Uint8Array>;
}

/** A context: a tree that does not change any more, and the contents of its files. */
export class TreeContext implements Context {
  readonly name: string;
  readonly received: number;
  readonly #tree: FileTree;
  readonly #contents: Contents;
  readonly #digests: TreeDigests;
  readonly #release: () => Promise<void>;
  #released: Promise<void> | undefined;

  constructor(options: {
    readonly name: string;
    readonly received: number;
    readonly tree: FileTree;
    readonly contents: Contents;
    /** Shared by all contexts of the tree, so that each directory is hashed once. */
    readonly digests?: TreeDigests;
    readonly release: () => Promise<void>;
  }) {
    this.name = options.name;
    this.received = options.received;
    this.#tree = options.tree;
    this.#contents = options.contents;
    this.#digests = options.digests ?? new TreeDigests(options.tree);
    this.#release = options.release;
  }

  find(path: ByteString): FileInfo | undefined {
    const node = this.#tree.find(path);
    return node === undefined ? undefined : this.#tree.info(node);
  }

  list(path: ByteString): readonly ByteString[] {
    const node = this.#tree.find(path);
    return node === undefined ? [] : this.#tree.list(node);
  }

  open(path: ByteString): AsyncIterable<Uint8Array> {
    return this.#contents.open(this.#file(path));
  }

  digestOf(path: ByteString): Promise<string> {
    return Promise.resolve(this.#tree.digestText(this.#file(path)));
  }

  treeDigest(path: ByteString): Digest {
    const node = this.#tree.find(path);
    if (node === undefined) throw notFound('file', shownName(path));
    return this.#digests.of(node);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#released ??= this.#release();
    return this.#released;
  }

  #file(path: ByteString): number {
    const node = this.#tree.find(path);
    if (node === undefined || !this.#tree.isFile(node)) throw notFound('file', shownName(path));
    return node;
  }
}
