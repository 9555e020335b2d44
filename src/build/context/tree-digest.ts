import { hash } from 'node:crypto';
import { toBytes } from '#archive/tar-entry.ts';
import type { Digest } from '#oci/digest.ts';
import type { FileTree } from './file-tree.ts';

/**
 * Digests of whole directories, each made of what is in it and kept: asking for a directory again, or for one above it,
 * hashes only what was not yet asked for. The tree must not change any more.
 */
export class TreeDigests {
  readonly #tree: FileTree;
  readonly #known = new Map<number, Buffer>();

  constructor(tree: FileTree) {
    this.#tree = tree;
  }

  of(node: number): Digest {
    return `sha256:${sha256(this.#record(node)).toString('hex')}`;
  }

  /** Type, mode and content of a node, as a byte string that tells itself where it ends. */
  #record(node: number): string {
    const tree = this.#tree;
    const type = tree.type(node);
    const head = `${type[0]}${tree.mode(node).toString(8).padStart(4, '0')}`;
    const xattrs = tree.xattrs(node).size === 0 ? '-' : `x${attributes(tree, node)}`;
    if (type === 'file') return `${head}${tree.digestBytes(node)}${xattrs}`;
    if (type === 'directory') return `${head}${this.#directory(node).toString('latin1')}${xattrs}`;
    return `${head}${sha256(tree.linkName(node)).toString('latin1')}${xattrs}`;
  }

  #directory(node: number): Buffer {
    const known = this.#known.get(node);
    if (known !== undefined) return known;
    const lines = this.#tree.list(node).map((name) => {
      return `${name}\0${this.#record(this.#tree.child(node, name)!)}`;
    });
    const digest = sha256(lines.join(''));
    this.#known.set(node, digest);
    return digest;
  }
}

const attributes = (tree: FileTree, node: number): string => {
  const pairs = [...tree.xattrs(node)].sort(([a], [b]) => (a < b ? -1 : 1));
  const text = pairs.map(([name, value]) => `${name}\0${value.length}\0${value.toString('latin1')}`).join('');
  return sha256(text).toString('latin1');
};

const sha256 = (text: string): Buffer => hash('sha256', toBytes(text), 'buffer');
