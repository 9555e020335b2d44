import type { ByteString, EntryTime, EntryType, PlacedEntry, Segment } from '#archive/tar-entry.ts';
import { noXattrs, shownName } from '#archive/tar-entry.ts';
import { EngineError, invalid, messageOf } from '#base/errors.ts';
import { componentsOf, entryError, isReservedXattr, isWhiteoutDevice, meaningOf } from './layer-path.ts';

/** A file of a layer, its bytes still in the tar. */
export interface LayerNode {
  readonly type: Exclude<EntryType, 'hardLink'> | 'whiteout';
  mode: number;
  uid: number;
  gid: number;
  modified: EntryTime;
  xattrs: ReadonlyMap<ByteString, Buffer>;
  readonly size: number;
  readonly bodyOffset: number;
  readonly sparse: readonly Segment[] | undefined;
  readonly linkName: ByteString;
  readonly major: number;
  readonly minor: number;
  /** Of directories. */
  readonly children: Map<ByteString, LayerNode> | undefined;
  /** Of directories: hides what lower layers have beneath it. */
  opaque: boolean;
  /** Of directories: there are whiteouts in it, or were. */
  hasWhiteouts: boolean;
}

export type DirectoryNode = LayerNode & { readonly children: Map<ByteString, LayerNode> };

const maxLinks = 40; // include/linux/namei.h, MAXSYMLINKS
/** What all entries of a layer together may walk along links: real ones walk a few. */
const maxLinkSteps = 10_000_000;
const maxDepth = 1100;

/**
 * The tree that a layer's tar unpacks to, built from its entries in order, with nothing unpacked.
 *
 * Later entries replace earlier ones of the same name; a directory over a directory keeps what is in it. Links on the
 * way to an entry are followed as beneath a root of their own, so that no entry can leave it.
 */
export class LayerTree {
  readonly root: DirectoryNode = directory();
  /** Whether the tar says something of the root directory itself. */
  hasRoot = false;
  #linkSteps = 0;

  /** @throws {EngineError} `invalid` naming the entry */
  add(entry: PlacedEntry): void {
    try {
      this.#place(entry, componentsOf(entry.name));
    } catch (error) {
      if (error instanceof EngineError) throw entryError(entry.name, messageOf(error), error);
      throw error;
    }
  }

  #place(entry: PlacedEntry, components: readonly ByteString[]): void {
    const last = components.at(-1);
    if (last === undefined) {
      this.#placeRoot(entry);
      return;
    }
    const meaning = meaningOf(components);
    if (meaning.kind === 'ignored') return;
    const parent = this.#directoryAt(components.slice(0, -1), 'create');
    if (meaning.kind === 'opaque') parent.opaque = true;
    else if (meaning.kind === 'whiteout') hide(parent, meaning.hidden);
    else if (entry.type === 'hardLink') this.#placeLink(parent, last, entry);
    else if (entry.type === 'directory') putDirectory(parent, last, entry);
    else if (isWhiteoutDevice(entry)) {
      parent.children.delete(last);
      hide(parent, last);
    } else parent.children.set(last, nodeOf(entry));
  }

  #placeRoot(entry: PlacedEntry): void {
    if (entry.type !== 'directory') throw invalid('the root is not a directory');
    this.hasRoot = true;
    copyMetadata(this.root, entry);
  }

  /** What was at the name goes first, and the target may go with it. */
  #placeLink(parent: DirectoryNode, name: ByteString, entry: PlacedEntry): void {
    if (parent.children.get(name) === this.#linkTarget(entry)) return;
    parent.children.delete(name);
    parent.children.set(name, this.#linkTarget(entry));
  }

  #linkTarget(entry: PlacedEntry): LayerNode {
    const components = componentsOf(entry.linkName);
    const last = components.at(-1);
    const target =
      last === undefined ? this.root : this.#directoryAt(components.slice(0, -1), 'find').children.get(last);
    if (target === undefined || target.type === 'whiteout')
      throw invalid(`no such file to link to: ${JSON.stringify(shownName(entry.linkName))}`);
    if (target.type === 'directory') throw invalid('a hard link to a directory');
    return target;
  }

  /** Walks as the kernel would beneath a root of its own. What is missing is made, but not where a link leads. */
  #directoryAt(components: readonly ByteString[], missing: 'create' | 'find'): DirectoryNode {
    const stack: DirectoryNode[] = [this.root];
    const ahead = components.toReversed();
    let own = ahead.length; // what lies above this in `ahead` came from links
    let links = 0;
    while (ahead.length > 0) {
      const onLink = ahead.length > own;
      if (!onLink) own--;
      else if (++this.#linkSteps > maxLinkSteps) throw invalid('too many symbolic links');
      const component = ahead.pop()!;
      const here = stack.at(-1)!;
      if (component === '' || component === '.') continue;
      if (component === '..') {
        if (stack.length > 1) stack.pop();
        continue;
      }
      const child = here.children.get(component);
      if (child?.type === 'symlink') {
        if (++links > maxLinks) throw invalid('too many levels of symbolic links');
        if (child.linkName.startsWith('/')) stack.length = 1;
        ahead.push(...child.linkName.split('/').reverse());
      } else if (isDirectory(child)) stack.push(child);
      else if (missing === 'create' && !onLink && (child === undefined || child.type === 'whiteout'))
        stack.push(makeDirectory(here, component, child?.type === 'whiteout'));
      else throw invalid(child === undefined ? 'no such directory' : 'not a directory');
      if (stack.length > maxDepth) throw invalid('too many directories above it');
    }
    return stack.at(-1)!;
  }
}

export const isDirectory = (node: LayerNode | undefined): node is DirectoryNode =>
  node?.children !== undefined;

/** Bytes of a layer's files and links, each once however many names it has: as dockerd counts a layer. */
export function sizeOf(root: DirectoryNode): number {
  const seen = new Set<LayerNode>();
  const sum = (node: DirectoryNode): number => {
    let total = 0;
    for (const child of node.children.values()) {
      if (isDirectory(child)) total += sum(child);
      else if (!seen.has(child)) {
        seen.add(child);
        total += child.type === 'symlink' ? child.linkName.length : child.size;
      }
    }
    return total;
  };
  return sum(root);
}

function putDirectory(parent: DirectoryNode, name: ByteString, entry: PlacedEntry): void {
  const before = parent.children.get(name);
  const node = isDirectory(before) ? before : makeDirectory(parent, name, before?.type === 'whiteout');
  copyMetadata(node, entry);
}

function hide(parent: DirectoryNode, name: ByteString): void {
  parent.hasWhiteouts = true;
  const before = parent.children.get(name);
  if (before === undefined)
    parent.children.set(name, { ...directory(), type: 'whiteout', mode: 0, children: undefined });
  else if (isDirectory(before)) before.opaque = true; // a whiteout is of lower layers only, wherever it stands in the tar
}

function makeDirectory(parent: DirectoryNode, name: ByteString, opaque: boolean): DirectoryNode {
  const node = directory();
  node.opaque = opaque;
  parent.children.set(name, node);
  return node;
}

/** One that no entry speaks of. */
function directory(): DirectoryNode {
  return {
    type: 'directory',
    mode: 0o755,
    uid: 0,
    gid: 0,
    modified: { seconds: 0, nanoseconds: 0 },
    xattrs: noXattrs,
    size: 0,
    bodyOffset: 0,
    sparse: undefined,
    linkName: '',
    major: 0,
    minor: 0,
    children: new Map(),
    opaque: false,
    hasWhiteouts: false,
  };
}

function nodeOf(entry: PlacedEntry): LayerNode {
  if (entry.type === 'symlink' && entry.linkName === '') throw invalid('a link to nothing');
  return {
    type: entry.type as LayerNode['type'],
    mode: entry.type === 'symlink' ? 0o777 : entry.mode, // as every Linux file system has it
    uid: entry.uid,
    gid: entry.gid,
    modified: entry.modified,
    xattrs: allowedXattrs(entry.xattrs),
    size: entry.size,
    bodyOffset: entry.bodyOffset,
    sparse: entry.sparse,
    linkName: entry.linkName,
    major: entry.major,
    minor: entry.minor,
    children: undefined,
    opaque: false,
    hasWhiteouts: false,
  };
}

function copyMetadata(node: LayerNode, entry: PlacedEntry): void {
  node.mode = entry.mode;
  node.uid = entry.uid;
  node.gid = entry.gid;
  node.modified = entry.modified;
  // A second entry for a directory adds attributes, and takes none away: as in dockerd.
  if (entry.xattrs.size > 0) node.xattrs = new Map([...node.xattrs, ...allowedXattrs(entry.xattrs)]);
}

function allowedXattrs(xattrs: LayerNode['xattrs']): LayerNode['xattrs'] {
  if (xattrs.size === 0) return noXattrs;
  return new Map([...xattrs].filter(([name]) => !isReservedXattr(name)));
}
