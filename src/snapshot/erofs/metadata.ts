import { setImmediate } from 'node:timers/promises';
import type { ByteString, Segment } from '#archive/tar-entry.ts';
import { invalid } from '#base/errors.ts';
import { type DirectoryNode, isDirectory, type LayerNode } from '../layer-tree.ts';
import {
  type DirectoryLayout,
  type Dirent,
  erofsBlock,
  inodeSize,
  layOutDirectory,
  type Superblock,
  slotSize,
  storableXattrs,
  tarOffset,
  writeDirectory,
  writeInode,
  writeXattrs,
  xattrSizeOf,
} from './format.ts';

/** A file whose data in the tar has holes left out: it gets a run of the layer's file with the holes put back. */
export interface SparseRun {
  /** Offset in the layer's file; holes there are holes of that file too. */
  readonly offset: number;
  readonly size: number;
  /** Where its stored bytes are, in the layer's file. */
  readonly stored: number;
  readonly segments: readonly Segment[];
}

/** What turns a tar at `tarOffset` into a file system. */
export interface Metadata {
  readonly bytes: Buffer;
  /** Where in the layer's file the bytes go. */
  readonly offset: number;
  readonly sparse: readonly SparseRun[];
  readonly superblock: Superblock;
}

interface Placed {
  readonly node: LayerNode;
  readonly parent: Placed | undefined;
  readonly ino: number;
  links: number;
  /** Offset in the metadata. */
  readonly at: number;
  readonly xattrSize: number;
  readonly inline: boolean;
  readonly names: readonly ByteString[] | undefined;
  readonly layout: DirectoryLayout | undefined;
  readonly size: number;
  dataBlock: number;
}

/**
 * Lays out the inodes and directories of a layer whose tar of `tarSize` bytes is in place. Lets other work go on now
 * and then: layers of a million files take seconds.
 */
export async function metadataOf(root: DirectoryNode, tarSize: number): Promise<Metadata> {
  const inodes = await placeInodes(root);
  const sparse: SparseRun[] = [];
  let offset = tarOffset + align(tarSize, erofsBlock);
  for (const inode of inodes.values()) {
    if (inode.node.sparse === undefined) continue;
    offset = align(offset, 4096);
    const stored = tarOffset + inode.node.bodyOffset;
    sparse.push({ offset, size: inode.size, stored, segments: inode.node.sparse });
    inode.dataBlock = blockOf(offset);
    offset += align(inode.size, erofsBlock);
  }
  const end = placeData(inodes, offset);
  const bytes = Buffer.alloc(align(end - offset, erofsBlock));
  for (const inode of inodes.values()) {
    write(bytes, offset, inode, inodes);
    if (inode.ino % breath === 0) await setImmediate();
  }
  const blocks = blockOf(offset + bytes.length);
  return {
    bytes,
    offset,
    sparse,
    superblock: { inodes: inodes.size, blocks, metadataBlock: blockOf(offset), rootNid: 0 },
  };
}

/** Inodes between two breaths: some milliseconds' work. */
const breath = 5000;

const align = (size: number, to: number): number => Math.ceil(size / to) * to;

function blockOf(offset: number): number {
  const block = offset / erofsBlock;
  if (block > 0xffff_fffe) throw invalid('the layer is too large');
  return block;
}

/** Gives every inode its place, the root's first, each directory's children together. */
async function placeInodes(root: DirectoryNode): Promise<Map<LayerNode, Placed>> {
  const inodes = new Map<LayerNode, Placed>();
  let end = 0;
  const place = (node: LayerNode, parent: Placed | undefined): Placed => {
    const xattrSize = xattrSizeOf(storableXattrs(node));
    const linkSize = node.linkName.length;
    const inline = linkSize > 0 && xattrSize === 0 && inodeSize + linkSize <= erofsBlock;
    const need = inodeSize + xattrSize + (inline ? linkSize : 0);
    const at = startOf(end, need);
    end = at + need;
    const names = isDirectory(node) ? ['.', '..', ...node.children.keys()].sort(byBytes) : undefined;
    const layout = names && layOutDirectory(names);
    const size = layout?.size ?? (linkSize > 0 ? linkSize : node.size);
    const dataBlock = node.type === 'file' ? blockOf(tarOffset + node.bodyOffset) : 0;
    const placed = {
      node,
      parent,
      ino: inodes.size + 1,
      links: 0,
      at,
      xattrSize,
      inline,
      names,
      layout,
      size,
      dataBlock,
    };
    inodes.set(node, placed);
    return placed;
  };
  const queue = [place(root, undefined)];
  let breathed = 0;
  for (const directory of queue) {
    directory.links += 2;
    if (directory.ino - breathed >= breath) {
      breathed = directory.ino;
      await setImmediate();
    }
    for (const child of (directory.node as DirectoryNode).children.values()) {
      const known = inodes.get(child);
      const placed = known ?? place(child, directory);
      if (isDirectory(child)) {
        directory.links += 1;
        queue.push(placed);
      } else placed.links += 1;
    }
  }
  return inodes;
}

/** The next slot, or the next block where what follows would lie across two without need. */
function startOf(end: number, need: number): number {
  const at = align(end, slotSize);
  const left = erofsBlock - (at % erofsBlock);
  return need > left && need <= erofsBlock ? at + left : at;
}

const byBytes = (a: ByteString, b: ByteString): number => (a < b ? -1 : a > b ? 1 : 0);

/** Gives directories and long links their blocks, behind the inodes. @returns the end of it all */
function placeData(inodes: ReadonlyMap<LayerNode, Placed>, offset: number): number {
  const last = [...inodes.values()].at(-1)!;
  let at = offset + align(last.at + inodeSize + last.xattrSize + (last.inline ? last.size : 0), erofsBlock);
  for (const inode of inodes.values()) {
    const own = inode.layout !== undefined || (inode.node.linkName !== '' && !inode.inline);
    if (!own) continue;
    inode.dataBlock = blockOf(at);
    at += align(inode.size, erofsBlock);
  }
  return at;
}

function write(bytes: Buffer, offset: number, inode: Placed, inodes: ReadonlyMap<LayerNode, Placed>): void {
  const { node, at, xattrSize } = inode;
  writeInode(bytes, at, inode);
  if (xattrSize > 0) writeXattrs(bytes, at + inodeSize, storableXattrs(node));
  const dataAt = inode.inline ? at + inodeSize : inode.dataBlock * erofsBlock - offset;
  if (node.type === 'symlink') bytes.write(node.linkName, dataAt, 'latin1');
  if (!isDirectory(node)) return;
  const targets = inode.names!.map((name) =>
    name === '.' ? inode : name === '..' ? (inode.parent ?? inode) : inodes.get(node.children.get(name)!)!,
  );
  const dirents: Dirent[] = targets.map((target, i) => ({ name: inode.names![i]!, type: target.node.type }));
  writeDirectory(bytes, dataAt, dirents, inode.layout!, (i) => targets[i]!.at / slotSize);
}
