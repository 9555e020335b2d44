import assert from 'node:assert/strict';
import test from 'node:test';
import { writeChecksum } from '#archive/tar-fields.ts';
import { kindOf } from '#base/errors.ts';
import { silentLog } from '#base/log.ts';
import { openSnapshotter, type Snapshotter } from '#snapshot/index.ts';
import { collected, isRoot, opened } from '../fixtures/snapshotter-contract.ts';
import {
  chunked,
  device,
  directory,
  fifo,
  file,
  gnuSparse,
  hardLink,
  paxSparse,
  symlink,
  tar,
} from '../fixtures/tar.ts';
import { treeOf } from '../fixtures/tree.ts';

/** Numbers below `n`, the same for the same seed. */
function randomFrom(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((state / 0x8000_0000) * n);
  };
}

const names = [
  'a',
  'b',
  'c',
  'l',
  'd/',
  'a/',
  'b/',
  'a/b/',
  './',
  'a/b',
  'b/a',
  'a/b/c',
  './a',
  '/b',
  'a/../b',
  'l/x',
  'l/l',
  '.wh.a',
  '.wh.b',
  '.wh.l',
  'a/.wh.b',
  'a/.wh..wh..opq',
];

/** A tar of few names and every kind of entry, so that entries meet; sometimes with bytes changed. */
function randomTar(random: (n: number) => number): Buffer {
  const any = () => names[random(names.length)]!;
  const name = () => any().replace(/\/$/, '');
  const body = () => 'x'.repeat(random(3) * 300 + random(20));
  const xattrs = () => new Map(random(4) === 0 ? [['user.k', Buffer.alloc(random(1500), 'v')]] : []);
  const forms = ['0.0', '0.1', '1.0'] as const;
  const kinds = [
    () => directory(any(), { mode: random(0o7777), xattrs: xattrs() }),
    () => symlink(name(), any()),
    () => hardLink(name(), any()),
    () => device(name(), 'charDevice', random(3), random(3)),
    () => fifo(name()),
    () => gnuSparse(name(), 9000, [[random(3) * 512, `s${body()}`]]),
    () =>
      paxSparse(forms[random(3)]!, name(), 70_000, [
        [random(100), `s${body()}`],
        [50_000, 'zz'],
      ]),
  ];
  const plain = () => file(name(), body(), { mode: random(0o7777), uid: random(9), xattrs: xattrs() });
  const members = Array.from({ length: 1 + random(12) }, () => (kinds[random(10)] ?? plain)());
  const bytes = tar(...members);
  for (let i = random(4) === 0 ? 2 : 0; i > 0; i--) {
    const header = 512 * random(bytes.length / 512);
    bytes[header + random(512)] = random(256);
    writeChecksum(bytes.subarray(header, header + 512));
  }
  return bytes;
}

/** What becomes of a layer: its tree and size, or `refused`. Its tar must come back as it was. */
async function outcome(snapshots: Snapshotter, bytes: Buffer, chunkSize: number): Promise<string> {
  try {
    const layer = await snapshots.ingest(chunked(bytes, chunkSize));
    assert.ok((await collected(snapshots.readTar(layer.diffId))).equals(bytes), 'the tar comes back');
    await using view = await snapshots.view([layer.diffId]);
    const tree = treeOf(view.fd);
    await snapshots.removeLayer(layer.diffId);
    return [...tree, `${layer.size} bytes`].join('\n');
  } catch (error) {
    if (kindOf(error) === 'invalid') return 'refused';
    throw error;
  }
}

test('the drivers agree on layers made at random', {
  skip: isRoot ? false : 'needs root',
}, async (context) => {
  const limits = { entrySize: 1 << 22, totalSize: 1 << 24 };
  const [erofs, overlay] = await Promise.all(
    ['erofs', 'overlay'].map((driver) =>
      opened(context, ({ database, root }) =>
        openSnapshotter({ database, root: () => root, driver, log: silentLog, limits }),
      ),
    ),
  );
  let accepted = 0;
  for (let seed = 1; seed <= 150; seed++) {
    const random = randomFrom(seed * 7919);
    const bytes = randomTar(random);
    const expected = await outcome(erofs!.snapshots, bytes, 1 + random(5000));
    assert.equal(await outcome(overlay!.snapshots, bytes, 1 + random(5000)), expected, `seed ${seed}`);
    if (expected !== 'refused') accepted++;
  }
  assert.ok(accepted > 20, `${accepted} were accepted`);
});
