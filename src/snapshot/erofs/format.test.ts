import assert from 'node:assert/strict';
import test from 'node:test';
import { TarParser } from '#archive/tar-parser.ts';
import { directory, file, symlink, tar } from '../../../test/fixtures/tar.ts';
import { LayerTree } from '../layer-tree.ts';
import { erofsBlock, layOutDirectory, slotSize, superblock, tarOffset } from './format.ts';
import { type Metadata, metadataOf } from './metadata.ts';

async function laidOut(...members: readonly Buffer[]) {
  const tree = new LayerTree();
  const bytes = tar(...members);
  const parser = new TarParser({ entry: (entry) => tree.add(entry) });
  parser.write(bytes);
  return { tar: bytes, metadata: await metadataOf(tree.root, bytes.length) };
}

test('names of a directory fall into blocks that hold them and their entries', () => {
  const names = Array.from({ length: 100 }, (_, i) => `name-${String(i).padStart(4, '0')}`); // 12 + 9 bytes each
  const { ends, size } = layOutDirectory(names);
  assert.deepEqual(ends, [24, 48, 72, 96, 100]);
  assert.equal(size, 4 * erofsBlock + 4 * 21);
  assert.deepEqual(layOutDirectory(['.', '..', 'x'.repeat(255)]), { ends: [3], size: 13 + 14 + 267 });
});

test('the superblock says where the metadata is', () => {
  const bytes = superblock({ inodes: 3, blocks: 20, metadataBlock: 12, rootNid: 0 });
  assert.equal(bytes.length, tarOffset);
  assert.equal(bytes.readUInt32LE(1024), 0xe0f5e1e2);
  assert.deepEqual([bytes.readUInt8(1036), bytes.readUInt32LE(1064)], [9, 12]);
});

test('inodes point into the tar, and stand on their slots within a block', async () => {
  const long = symlink('d/long', 'x'.repeat(440));
  const members = [directory('d'), file('d/f', 'content'), long, symlink('d/longer', 'x'.repeat(460))];
  const { tar: bytes, metadata } = await laidOut(...members);
  assert.equal(metadata.offset, tarOffset + bytes.length);
  assert.deepEqual(metadata.sparse, []);
  const facts = metadata.superblock;
  assert.deepEqual([facts.inodes, facts.rootNid, facts.metadataBlock], [5, 0, metadata.offset / erofsBlock]);
  const root = directoryAt(metadata, 0);
  const d = directoryAt(metadata, root.get('d')!);
  assert.deepEqual([...root.keys(), ...d.keys()], ['.', '..', 'd', '.', '..', 'f', 'long', 'longer']);
  assert.deepEqual([d.get('..'), d.get('.')], [0, root.get('d')]);
  const inode = (nid: number) => metadata.bytes.subarray(nid * slotSize, nid * slotSize + 512);
  const at = inode(d.get('f')!).readUInt32LE(16) * erofsBlock - tarOffset;
  assert.equal(bytes.toString('utf8', at, at + 7), 'content');
  assert.equal(inode(d.get('long')!).toString('utf8', 64, 504), 'x'.repeat(440));
  assert.ok(((d.get('long')! * slotSize) % erofsBlock) + 504 <= erofsBlock);
  const apart = inode(d.get('longer')!).readUInt32LE(16) * erofsBlock - metadata.offset;
  assert.equal(metadata.bytes.toString('utf8', apart, apart + 460), 'x'.repeat(460));
});

/** The names of a directory that fits a block, and their inodes' numbers. */
function directoryAt({ bytes, offset }: Metadata, nid: number): Map<string, number> {
  const at = bytes.readUInt32LE(nid * slotSize + 16) * erofsBlock - offset;
  const size = bytes.readUInt32LE(nid * slotSize + 8);
  const count = bytes.readUInt16LE(at + 8) / 12;
  const nameAt = (i: number) => (i < count ? bytes.readUInt16LE(at + i * 12 + 8) : size);
  return new Map(
    Array.from({ length: count }, (_, i) => [
      bytes.toString('latin1', at + nameAt(i), at + nameAt(i + 1)),
      bytes.readUInt32LE(at + i * 12),
    ]),
  );
}
