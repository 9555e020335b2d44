import type { ByteString } from '#archive/tar-entry.ts';
import { makeDevice } from '#linux/files.ts';
import { opaqueXattr, whiteoutsXattr } from '../layer-path.ts';
import type { LayerNode } from '../layer-tree.ts';

/**
 * The parts of EROFS that a layer needs: extended inodes, data in plain runs of blocks, directories, inline xattrs.
 *
 * @see linux/fs/erofs/erofs_fs.h; Documentation/filesystems/erofs.rst
 */
export const blockBits = 9; // a tar's blocks, so that inodes can point at them
export const erofsBlock = 1 << blockBits;
/** Where the tar begins in a layer's file: the superblock, at byte 1024, comes before it. */
export const tarOffset = 4096;

const superblockOffset = 1024;
const magic = 0xe0f5e1e2;
export const inodeSize = 64; // struct erofs_inode_extended
/** Inodes are numbered by where they are, in steps of this. */
export const slotSize = 32;
const direntSize = 12;

/** i_format: extended, and how the data is laid out. */
const layout = { plain: 1 | (0 << 1), inline: 1 | (2 << 1) } as const;

export interface Superblock {
  readonly inodes: number;
  readonly blocks: number;
  /** Block where inode 0 would be. */
  readonly metadataBlock: number;
  readonly rootNid: number;
}

/** The first 4 KiB of the file: struct erofs_super_block. */
export function superblock(facts: Superblock): Buffer {
  const bytes = Buffer.alloc(tarOffset);
  const at = superblockOffset;
  bytes.writeUInt32LE(magic, at);
  bytes.writeUInt8(blockBits, at + 12);
  bytes.writeUInt16LE(facts.rootNid, at + 14);
  bytes.writeBigUInt64LE(BigInt(facts.inodes), at + 16);
  bytes.writeUInt32LE(facts.blocks, at + 36);
  bytes.writeUInt32LE(facts.metadataBlock, at + 40);
  return bytes;
}

const S_IF: Readonly<Record<LayerNode['type'], number>> = {
  fifo: 0o010000,
  charDevice: 0o020000,
  directory: 0o040000,
  blockDevice: 0o060000,
  file: 0o100000,
  symlink: 0o120000,
  whiteout: 0o020000, // a character device 0:0 is overlayfs's whiteout
};

const fileTypes: Readonly<Record<LayerNode['type'], number>> = {
  file: 1,
  directory: 2,
  charDevice: 3,
  whiteout: 3,
  blockDevice: 4,
  fifo: 5,
  symlink: 7,
};

export interface InodeFacts {
  readonly node: LayerNode;
  /** A number of its own, from 1. */
  readonly ino: number;
  readonly links: number;
  readonly size: number;
  /** Block of its data, where it has any. */
  readonly dataBlock: number;
  readonly inline: boolean;
  readonly xattrSize: number;
}

export function writeInode(bytes: Buffer, at: number, facts: InodeFacts): void {
  const { node } = facts;
  const isDevice = node.type === 'charDevice' || node.type === 'blockDevice' || node.type === 'whiteout';
  bytes.writeUInt16LE(facts.inline ? layout.inline : layout.plain, at);
  bytes.writeUInt16LE(facts.xattrSize === 0 ? 0 : (facts.xattrSize - xattrHeaderSize) / 4 + 1, at + 2);
  bytes.writeUInt16LE(S_IF[node.type] | node.mode, at + 4);
  writeUInt64(bytes, facts.size, at + 8);
  bytes.writeUInt32LE(isDevice ? makeDevice(node.major, node.minor) : facts.dataBlock, at + 16);
  bytes.writeUInt32LE(facts.ino, at + 20);
  bytes.writeUInt32LE(node.uid, at + 24);
  bytes.writeUInt32LE(node.gid, at + 28);
  bytes.writeBigInt64LE(BigInt(node.modified.seconds), at + 32);
  bytes.writeUInt32LE(node.modified.nanoseconds, at + 40);
  bytes.writeUInt32LE(facts.links, at + 44);
}

function writeUInt64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32LE(value % 2 ** 32, at);
  bytes.writeUInt32LE(Math.floor(value / 2 ** 32), at + 4);
}

export interface Dirent {
  readonly name: ByteString;
  readonly type: LayerNode['type'];
}

/** How a directory's sorted names fall into blocks: `ends[i]` is the index after block i's last name. */
export interface DirectoryLayout {
  readonly ends: readonly number[];
  /** i_size: whole blocks, and what is used of the last. */
  readonly size: number;
}

export function layOutDirectory(names: readonly ByteString[]): DirectoryLayout {
  const ends: number[] = [];
  let used = 0;
  for (let i = 0; i < names.length; i++) {
    const need = direntSize + names[i]!.length;
    if (used + need > erofsBlock) {
      ends.push(i);
      used = 0;
    }
    used += need;
  }
  ends.push(names.length);
  return { ends, size: (ends.length - 1) * erofsBlock + used };
}

/** Writes a directory's blocks: in each, its entries, then their names. */
export function writeDirectory(
  bytes: Buffer,
  at: number,
  dirents: readonly Dirent[],
  layout: DirectoryLayout,
  nidOf: (index: number) => number,
): void {
  let start = 0;
  layout.ends.forEach((end, block) => {
    let entryAt = at + block * erofsBlock;
    let nameOffset = (end - start) * direntSize;
    for (let i = start; i < end; i++) {
      const { name, type } = dirents[i]!;
      writeUInt64(bytes, nidOf(i), entryAt);
      bytes.writeUInt16LE(nameOffset, entryAt + 8);
      bytes.writeUInt8(fileTypes[type], entryAt + 10);
      bytes.write(name, at + block * erofsBlock + nameOffset, 'latin1');
      nameOffset += name.length;
      entryAt += direntSize;
    }
    start = end;
  });
}

const xattrHeaderSize = 12;
const xattrPrefixes: readonly (readonly [prefix: string, index: number])[] = [
  ['user.', 1],
  ['system.posix_acl_access', 2],
  ['system.posix_acl_default', 3],
  ['trusted.', 4],
  ['security.', 6],
];

interface StoredXattr {
  readonly index: number;
  readonly suffix: ByteString;
  readonly value: Buffer;
}

/** What EROFS can hold of a file's attributes: other namespaces and values past 64 KiB it cannot. */
export function storableXattrs(node: LayerNode): readonly StoredXattr[] {
  if (node.xattrs.size === 0 && !node.opaque && !node.hasWhiteouts) return none;
  const all: (readonly [ByteString, Buffer])[] = [...node.xattrs];
  if (node.opaque) all.push(opaqueXattr);
  if (node.hasWhiteouts) all.push(whiteoutsXattr);
  return all.flatMap(([name, value]) => {
    const prefix = xattrPrefixes.find(([text]) => name.startsWith(text));
    const suffix = prefix === undefined ? '' : name.slice(prefix[0].length);
    const named = (prefix?.[0].endsWith('.') === true) === (suffix !== '');
    const fits = named && suffix.length <= 255 && value.length <= 65535;
    return prefix === undefined || !fits ? [] : [{ index: prefix[1], suffix, value }];
  });
}

const none: readonly StoredXattr[] = [];

const align4 = (size: number): number => (size + 3) & ~3;

export function xattrSizeOf(xattrs: readonly StoredXattr[]): number {
  if (xattrs.length === 0) return 0;
  return xattrs.reduce(
    (sum, { suffix, value }) => sum + align4(4 + suffix.length + value.length),
    xattrHeaderSize,
  );
}

/** Attributes behind their inode: struct erofs_xattr_ibody_header, then an erofs_xattr_entry each. */
export function writeXattrs(bytes: Buffer, at: number, xattrs: readonly StoredXattr[]): void {
  let entryAt = at + xattrHeaderSize;
  for (const { index, suffix, value } of xattrs) {
    bytes.writeUInt8(suffix.length, entryAt);
    bytes.writeUInt8(index, entryAt + 1);
    bytes.writeUInt16LE(value.length, entryAt + 2);
    bytes.write(suffix, entryAt + 4, 'latin1');
    value.copy(bytes, entryAt + 4 + suffix.length);
    entryAt += align4(4 + suffix.length + value.length);
  }
}
