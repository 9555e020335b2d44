import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { memberOf } from '#archive/write-tar.ts';
import { silentLog } from '#base/log.ts';
import { openSnapshotter } from '#snapshot/index.ts';
import { filesIn, isRoot, opened } from '../fixtures/snapshotter-contract.ts';
import {
  chunked,
  device,
  directory,
  file,
  gnuLong,
  gnuSparse,
  hardLink,
  nameOf,
  padded,
  pax,
  paxSparse,
  rawHeader,
  symlink,
  tar,
} from '../fixtures/tar.ts';
import { treeOf } from '../fixtures/tree.ts';

/** Layers that mean ill, and what becomes of each: the tree it is contained in, or the words of its refusal. */
const layers: readonly [what: string, members: Buffer, outcome: readonly string[] | RegExp][] = [
  [
    'an absolute name is taken as relative',
    tar(file('/etc/evil', 'x')),
    ['/etc dir 0755', '/etc/evil "x" 0644'],
  ],
  ['`..` that leaves the root', tar(file('../evil', 'x')), /"\.\.\/evil".*outside of the root/],
  ['`..` that leaves the root, further in', tar(file('a/../../evil', 'x')), /"a\/\.\.\/\.\.\/evil".*outside/],
  ['`..` that stays inside', tar(file('a/../b', 'x')), ['/b "x" 0644']],
  ['`..` above an absolute name', tar(file('/../../b', 'x')), ['/b "x" 0644']],
  ['a whiteout that leaves the root', tar(file('../.wh.evil')), /outside/],
  ['a whiteout of `..`', tar(file('a/.wh...'), file('.wh..')), []],
  [
    'a symlink out of the root stays a link',
    tar(symlink('out', '../../../etc')),
    ['/out -> ../../../etc 0777'],
  ],
  [
    'an entry through an absolute link stays inside',
    tar(symlink('l', '/tmp'), directory('tmp'), file('l/evil', 'x')),
    ['/l -> /tmp 0777', '/tmp dir 0755', '/tmp/evil "x" 0644'],
  ],
  [
    'an entry through a link to `..` stays inside',
    tar(symlink('l', '../../../..'), file('l/evil', 'x')),
    ['/evil "x" 0644', '/l -> ../../../.. 0777'],
  ],
  [
    'an entry through a link to a host directory',
    tar(symlink('l', '/etc'), file('l/evil', 'x')),
    /"l\/evil".*no such directory/,
  ],
  [
    'an entry through a loop of links',
    tar(symlink('a', 'b'), symlink('b', 'a'), file('a/x')),
    /"a\/x".*(too many levels|ELOOP)/,
  ],
  [
    'a directory through a link to a host directory',
    tar(symlink('l', '/etc'), directory('l/cron.d')),
    /"l\/cron\.d".*no such directory/,
  ],
  ['an entry through a file', tar(file('f'), file('f/x')), /"f\/x".*not a directory/],
  ['a file over a link replaces the link', tar(symlink('l', '/etc/passwd'), file('l', 'x')), ['/l "x" 0644']],
  [
    'a directory over a link replaces the link',
    tar(symlink('l', '/etc'), directory('l/', { mode: 0o700 }), file('l/x', 'x')),
    ['/l dir 0700', '/l/x "x" 0644'],
  ],
  ['a hard link out of the root', tar(hardLink('passwd', '../../etc/passwd')), /"passwd".*outside/],
  ['a hard link to a host file', tar(hardLink('passwd', '/etc/passwd')), /"passwd".*no such/],
  [
    'a hard link through a link to the host',
    tar(symlink('e', '/etc'), hardLink('passwd', 'e/passwd')),
    /"passwd".*no such file|no such directory/,
  ],
  ['a hard link to what comes later', tar(hardLink('a', 'b'), file('b')), /"a".*no such file/],
  [
    'a hard link to a link links the link',
    tar(symlink('s', '/etc/passwd'), hardLink('h', 's'), file('h2', 'x')),
    ['/h -> /etc/passwd 0777 links=2', '/h2 "x" 0644', '/s -> /etc/passwd 0777 links=2'],
  ],
  [
    'a file written over a hard link leaves the other name',
    tar(file('a', 'first'), hardLink('b', 'a'), file('b', 'second')),
    ['/a "first" 0644', '/b "second" 0644'],
  ],
  ['a hard link to a directory', tar(directory('d'), hardLink('h', 'd')), /"h".*hard link to a directory/],
  ['a hard link to itself', tar(file('a', 'x'), hardLink('a', 'a')), ['/a "x" 0644']],
  ['a link to nothing', tar(rawHeader({ name: 's', type: '2' })), /"s".*link to nothing/],
  ['a root that is no directory', tar(file('.', 'x')), /root is not a directory/],
  ['a root that is a link', tar(symlink('./', '/etc')), /root is not a directory/],
  [
    'devices stay devices',
    tar(device('sda', 'blockDevice', 8, 0), device('mem', 'charDevice', 1, 1)),
    ['/mem char 1:1 0644', '/sda block 8:0 0644'],
  ],
  [
    'the last of several entries wins',
    tar(
      file('f', '1', { mode: 0o600 }),
      file('f', '2'),
      directory('d/', { mode: 0o700 }),
      file('d/x'),
      directory('d/', { mode: 0o711 }),
    ),
    ['/d dir 0711', '/d/x "" 0644', '/f "2" 0644'],
  ],
  [
    'a file over a directory, a directory over a file',
    tar(
      file('a/b/c', '1'),
      file('a', '2'),
      file('b', '1'),
      file('b/', '').subarray(0, 0),
      directory('b/'),
      file('b/c', '2'),
    ),
    ['/a "2" 0644', '/b dir 0755', '/b/c "2" 0644'],
  ],
  [
    'overlayfs’s own attributes are left out',
    tar(
      directory('d/', {
        xattrs: new Map([
          ['trusted.overlay.redirect', Buffer.from('/etc')],
          ['trusted.overlay.opaque', Buffer.from('y')],
          ['user.overlay.opaque', Buffer.from('y')],
          ['user.kept', Buffer.from('v')],
        ]),
      }),
      file('f', 'x', { xattrs: new Map([['trusted.overlay.metacopy', Buffer.alloc(0)]]) }),
    ),
    ['/d dir 0755 user.kept=76', '/f "x" 0644'],
  ],
  [
    'attributes that no file system has are left out',
    tar(
      file('f', 'x', {
        xattrs: new Map([
          ['com.apple.quarantine', Buffer.from('1')],
          ['user.', Buffer.from('1')],
        ]),
      }),
    ),
    ['/f "x" 0644'],
  ],
  [
    'names of any bytes',
    tar(memberOf({ name: nameOf(0xff, 0xfe, '/', 0x80, '\n\t"'), type: 'file' }, 'x')),
    ['/\xff\xfe dir 0755', '/\xff\xfe/\x80\n\t" "x" 0644'],
  ],
  [
    'a sparse file of a terabyte takes its data only',
    tar(paxSparse('1.0', 'huge', 2 ** 40, [[2 ** 39, 'x']])),
    ['/huge 1099511627776 bytes 0644'],
  ],
  ['a sparse file past the limit', tar(gnuSparse('huge', 2 ** 42, [[0, 'x']])), /"huge".*limit/],
  ['a negative size', tar(rawHeader({ name: 'n', size: -1 })), /"n".*negative/],
  [
    'a size that the tar does not hold',
    Buffer.concat([rawHeader({ name: 'big', size: 1 << 30 }), padded('x')]),
    /"big".*unexpected EOF/,
  ],
  ['a wrong checksum', tar(file('ok'), rawHeader({ name: 'bad', checksum: '0000001\0' })), /"bad".*checksum/],
  ['a component that is too long', tar(gnuLong('L', 'x'.repeat(300)), file('cut')), /File name too long/],
  ['a name that is too long', tar(pax({ path: 'x/'.repeat(3000) }), file('cut')), /File name too long/],
  ['no end of directories', tar(gnuLong('L', `${'d/'.repeat(1500)}x`), file('cut')), /too many directories/],
  [
    'depth by way of links',
    tar(...deepByLinks()),
    /too many directories|too many levels|File name too long|ENAMETOOLONG|ELOOP/,
  ],
  [
    'an entry of no known type',
    tar(rawHeader({ name: 'odd', type: 'X' })),
    /"odd".*unhandled tar header type 88/,
  ],
  ['no tar at all', Buffer.from('#!/bin/sh\necho this is no archive\n'.repeat(50)), /invalid tar header/],
  [
    'a set-id file keeps its bits, an owner of its choosing',
    tar(file('su', 'x', { mode: 0o6755, uid: 4_294_967_294, gid: 1 })),
    ['/su "x" 6755 4294967294:1'],
  ],
  [
    'more than one file may share a hard link’s bytes',
    tar(file('a', 'x'), hardLink('b', 'a'), hardLink('c', 'b'), hardLink('d/e', './a')),
    [
      '/a "x" 0644 links=4',
      '/b "x" 0644 links=4',
      '/c "x" 0644 links=4',
      '/d dir 0755',
      '/d/e "x" 0644 links=4',
    ],
  ],
];

/** Each link leads to the depths below the one before, and makes more. */
function deepByLinks(): Buffer[] {
  const down = 'd/'.repeat(100);
  return Array.from({ length: 45 }, (_, i) => [
    directory(i === 0 ? down : `l${i - 1}/${down}`),
    symlink(`l${i}`, i === 0 ? down : `l${i - 1}/${down}`),
  ]).flat();
}

for (const driver of ['erofs', 'overlay']) {
  for (const [what, bytes, outcome] of layers) {
    test(`${driver}: ${what}`, { skip: isRoot ? false : 'needs root' }, async (context) => {
      const open = (at: { root: string; database: Parameters<typeof openSnapshotter>[0]['database'] }) =>
        openSnapshotter({ database: at.database, root: () => at.root, driver, log: silentLog });
      const { snapshots, root } = await opened(context, open);
      if (outcome instanceof RegExp) {
        await assert.rejects(snapshots.ingest(chunked(bytes, 4096)), { kind: 'invalid', message: outcome });
        await snapshots.settled();
        assert.deepEqual(filesIn(root), { layers: [], ingest: [], snapshots: [], trash: [] });
      } else {
        const layer = await snapshots.ingest(chunked(bytes, 4096));
        await using view = await snapshots.view([layer.diffId]);
        assert.deepEqual(treeOf(view.fd).slice(1), outcome);
      }
      assert.deepEqual(readdirSync(join(root, '..')).sort(), [
        'driver',
        'hoist.db',
        'hoist.db-shm',
        'hoist.db-wal',
      ]);
      assert.ok(!existsSync('/etc/evil') && !existsSync('/tmp/evil') && !existsSync('/evil'));
    });
  }

  test(`${driver}: a bomb is refused at the limits`, {
    skip: isRoot ? false : 'needs root',
  }, async (context) => {
    const limits = { entries: 1000, totalSize: 1 << 20 };
    const { snapshots, root } = await opened(context, ({ database, root: at }) =>
      openSnapshotter({ database, root: () => at, driver, log: silentLog, limits }),
    );
    async function* endless(member: Buffer) {
      for (;;) yield member;
    }
    await assert.rejects(snapshots.ingest(endless(file('f'))), {
      kind: 'invalid',
      message: /"f".*more than 1000 entries/,
    });
    await assert.rejects(snapshots.ingest(endless(file('f', 'x'.repeat(60_000)))), {
      kind: 'invalid',
      message: /"f".*size limit/,
    });
    await assert.rejects(snapshots.ingest(endless(paxSparse('0.1', 's', 1 << 19, []))), {
      kind: 'invalid',
      message: /"s".*size limit/,
    });
    await snapshots.settled();
    assert.deepEqual(filesIn(root), { layers: [], ingest: [], snapshots: [], trash: [] });
  });
}
