import { type ByteString, shownName } from '#archive/tar-entry.ts';
import { invalid } from '#base/errors.ts';
import { FileTree, type NewNode } from './file-tree.ts';

const maxLinks = 40; // include/linux/namei.h, MAXSYMLINKS
/** What all names of a context together may walk along links: real ones walk a few. */
const maxLinkSteps = 10_000_000;
const maxDepth = 1100;
/** Bytes of all names together. */
const maxNameBytes = 2 ** 28;

/**
 * Puts files into a tree by their paths, in the order in which they come: later ones replace earlier ones of the same name,
 * a directory over a directory keeps what is in it. Names are taken as beneath a root of their own: `/x`, `../x` and `x`
 * are one file. Links on the way are followed beneath that root too (as extracting does), or refused.
 */
export class TreeBuilder {
  readonly tree = new FileTree();
  readonly #followLinks: boolean;
  #nameBytes = 0;
  #linkSteps = 0;
  /** The directory of the last path: most paths have the one of the path before. */
  #lastPath: ByteString | undefined;
  #lastDirectory = 0;

  constructor(options: { readonly followLinks: boolean }) {
    this.#followLinks = options.followLinks;
  }

  /** @returns the node; of a directory that was there, the one it has. @throws {EngineError} `invalid`, not naming the path */
  put(path: ByteString, node: NewNode): number {
    this.#nameBytes += path.length + (node.linkName?.length ?? 0);
    if (this.#nameBytes > maxNameBytes) throw invalid('the names together are too long');
    const clean = cleanPath(path);
    const directory = this.#parentOf(clean);
    const name = clean.slice(clean.lastIndexOf('/') + 1);
    const there = clean === '' ? this.tree.root : this.tree.child(directory, name);
    if (clean === '' && node.type !== 'directory') throw invalid('the root is not a directory');
    if (node.type === 'directory' && there !== undefined && this.tree.isDirectory(there)) {
      this.tree.setMode(there, node.mode);
      return there;
    }
    return this.#name(directory, name, this.tree.add(node));
  }

  /** A further name for a file. @throws {EngineError} `invalid`, not naming the path */
  link(path: ByteString, target: ByteString): void {
    this.#nameBytes += path.length;
    const clean = cleanPath(path);
    const node = this.#linkTarget(cleanPath(target));
    const directory = this.#parentOf(clean);
    if (clean === '') throw invalid('the root is not a directory');
    this.#name(directory, clean.slice(clean.lastIndexOf('/') + 1), node);
    this.tree.markLinked(node);
  }

  #name(directory: number, name: ByteString, node: number): number {
    const there = this.tree.child(directory, name);
    if (there !== undefined && !this.tree.isFile(there)) this.#lastPath = undefined;
    this.tree.put(directory, name, node);
    return node;
  }

  #linkTarget(path: ByteString): number {
    const slash = path.lastIndexOf('/');
    const directory = this.#directoryAt(slash < 0 ? '' : path.slice(0, slash), 'find');
    const node = this.tree.child(directory, path.slice(slash + 1));
    if (node === undefined) throw invalid(`no such file to link to: ${JSON.stringify(shownName(path))}`);
    if (this.tree.isDirectory(node)) throw invalid('a hard link to a directory');
    return node;
  }

  #parentOf(path: ByteString): number {
    const slash = path.lastIndexOf('/');
    if (slash < 0) return this.tree.root;
    const last = this.#lastPath;
    if (last !== undefined && last.length === slash && path.startsWith(last)) return this.#lastDirectory;
    const parent = path.slice(0, slash);
    this.#lastDirectory = this.#directoryAt(parent, 'create');
    this.#lastPath = parent;
    return this.#lastDirectory;
  }

  /** Walks as the kernel would beneath a root of its own. What is missing is made, but not where a link leads. */
  #directoryAt(path: ByteString, missing: 'create' | 'find'): number {
    const stack = [this.tree.root];
    const ahead = path === '' ? [] : path.split('/').reverse();
    let own = ahead.length; // what lies above this in `ahead` came from links
    let links = 0;
    while (ahead.length > 0) {
      const onLink = ahead.length > own;
      if (!onLink) own--;
      else if (++this.#linkSteps > maxLinkSteps) throw invalid('too many symbolic links');
      const name = ahead.pop()!;
      if (name === '' || name === '.') continue;
      if (name === '..') {
        if (stack.length > 1) stack.pop();
        continue;
      }
      const child = this.tree.child(stack.at(-1)!, name);
      if (child !== undefined && this.tree.isDirectory(child)) stack.push(child);
      else if (child !== undefined && this.#followLinks && this.tree.type(child) === 'symlink') {
        if (++links > maxLinks) throw invalid('too many levels of symbolic links');
        const target = this.tree.linkName(child);
        if (target.startsWith('/')) stack.length = 1;
        ahead.push(...target.split('/').reverse());
      } else if (child === undefined && missing === 'create' && !onLink) stack.push(this.#made(stack, name));
      else throw invalid(child === undefined ? 'no such directory' : 'not a directory');
      if (stack.length > maxDepth) throw invalid('too many directories above it');
    }
    return stack.at(-1)!;
  }

  #made(stack: readonly number[], name: ByteString): number {
    const node = this.tree.add({ type: 'directory', mode: 0o755 });
    this.tree.put(stack.at(-1)!, name, node);
    return node;
  }
}

/** A path without `.`, `..` and empty components; `..` at the root stays there. */
export function cleanPath(path: ByteString): ByteString {
  if (!/(?:^|\/)\.{0,2}(?:\/|$)/.test(path)) return path;
  const kept: ByteString[] = [];
  for (const name of path.split('/')) {
    if (name === '..') kept.pop();
    else if (name !== '' && name !== '.') kept.push(name);
  }
  return kept.join('/');
}
