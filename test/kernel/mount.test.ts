import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import test, { after, before, suite } from 'node:test';
import * as linux from '#linux/index.ts';

const { AT_FDCWD, MAGIC, MOUNT_ATTR, MS, O } = linux;
const skip = process.getuid?.() === 0 ? undefined : 'needs root';
const errno = (name: string): { errno: number } => ({
  errno: { EEXIST: 17, EINVAL: 22, ELOOP: 40, ENOENT: 2, EROFS: 30, EXDEV: 18 }[name]!,
});

suite('mounts', { skip }, () => {
  let directory: string;
  let detached: number;

  before(() => {
    directory = fs.mkdtempSync('/tmp/hoist-mount-');
    detached = linux.mountDetached(
      'tmpfs',
      [
        ['size', '1m'],
        ['mode', '700'],
      ],
      MOUNT_ATTR.NODEV | MOUNT_ATTR.NOEXEC,
    );
  });
  after(() => {
    fs.closeSync(detached);
    fs.rmSync(directory, { recursive: true });
  });

  const options = (at: string): string | undefined =>
    fs
      .readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .find((line) => line.split(' ')[4] === at)
      ?.split(' ')[5];

  test('a detached mount is in no table until it is moved, and goes with its unmount', () => {
    const place = join(directory, 'place');
    fs.mkdirSync(place);
    assert.equal(linux.statFilesystem(detached).magic, MAGIC.TMPFS);
    assert.equal(options(place), undefined);
    linux.moveMount(detached, AT_FDCWD, place);
    assert.match(options(place)!, /nodev,noexec/);
    assert.equal(linux.unmount(place), 'unmounted');
    assert.equal(linux.unmount(place), 'notMounted');
    assert.equal(linux.unmount(join(place, 'nowhere')), 'notMounted');
  });

  test('a clone of a tree can be made read-only by itself', () => {
    fs.writeFileSync(join(directory, 'file'), 'text');
    const clone = linux.openTree(AT_FDCWD, directory, { clone: true, recursive: true });
    linux.mountSetattr(clone, { set: MOUNT_ATTR.RDONLY, propagation: MS.PRIVATE, recursive: true });
    assert.throws(() => linux.openAt(clone, 'file', O.WRONLY), errno('EROFS'));
    fs.closeSync(linux.openAt(AT_FDCWD, join(directory, 'file'), O.WRONLY));
    fs.closeSync(clone);
  });

  test('overlay layers are given by descriptor or path, and what the kernel says is in the error', () => {
    for (const name of ['lower', 'upper', 'work']) fs.mkdirSync(join(directory, name));
    fs.writeFileSync(join(directory, 'lower/file'), 'below');
    const paths = ['lower', 'upper', 'work'].map((name): [string, string] => [
      `${name}dir`,
      join(directory, name),
    ]);
    const merged = linux.mountDetached('overlay', paths);
    assert.equal(linux.statFilesystem(merged).magic, MAGIC.OVERLAY);
    const file = linux.openAt(merged, 'file', O.RDONLY);
    assert.equal(fs.readFileSync(file, 'utf8'), 'below');
    for (const fd of [file, merged]) fs.closeSync(fd);
    const nonsense = { ...errno('EINVAL'), message: /^fsconfig nonsense=1: EINVAL \(.*nonsense/ };
    assert.throws(() => linux.mountDetached('overlay', [['nonsense', '1']]), nonsense);
  });

  test('mount(2) binds, remounts and unmounts', () => {
    const place = join(directory, 'bound');
    fs.mkdirSync(place);
    linux.mount(directory, place, null, MS.BIND);
    linux.mount(null, place, null, MS.BIND | MS.REMOUNT | MS.RDONLY);
    assert.match(options(place)!, /^ro/);
    linux.unmount(place);
    assert.throws(() => linux.mount('none', join(directory, 'absent'), 'tmpfs'), errno('ENOENT'));
  });
});

suite('files beneath a hostile root', { skip }, () => {
  let directory: string;
  let root: number;

  before(() => {
    directory = fs.mkdtempSync('/tmp/hoist-beneath-');
    fs.mkdirSync(join(directory, 'root/etc'), { recursive: true });
    fs.writeFileSync(join(directory, 'secret'), 'outside');
    fs.writeFileSync(join(directory, 'root/etc/passwd'), 'inside');
    root = linux.openAt(AT_FDCWD, join(directory, 'root'), O.PATH | O.DIRECTORY);
  });
  after(() => {
    fs.closeSync(root);
    fs.rmSync(directory, { recursive: true });
  });

  const read = (path: string | Uint8Array): string => {
    const fd = linux.openBeneath(root, path, O.RDONLY);
    try {
      return fs.readFileSync(fd, 'utf8');
    } finally {
      fs.closeSync(fd);
    }
  };

  const links: [name: string, target: string, want: string | { errno: number }][] = [
    ['absolute', '/etc/passwd', 'inside'],
    ['climbing', '../../../../../../etc/passwd', 'inside'],
    ['beside', '../secret', errno('ENOENT')],
    ['magic', '/proc/self/root/etc/passwd', errno('ENOENT')],
    ['itself', 'itself', errno('ELOOP')],
  ];
  for (const [name, target, want] of links) {
    test(`a link to ${target}`, () => {
      fs.symlinkSync(target, join(directory, 'root', name));
      if (typeof want === 'string') assert.equal(read(name), want);
      else assert.throws(() => read(name), want);
    });
  }

  test('magic links are not followed even where proc is mounted inside', () => {
    const proc = linux.openAt(AT_FDCWD, '/proc', O.PATH | O.DIRECTORY);
    assert.throws(() => linux.openBeneath(proc, `self/fd/${root}/etc/passwd`, O.RDONLY), errno('ELOOP'));
    fs.closeSync(proc);
  });

  test('names need not be UTF-8', () => {
    const name = Buffer.from([0x66, 0xff, 0x2e]);
    fs.closeSync(linux.openBeneath(root, name, O.WRONLY | O.CREAT | O.EXCL, { mode: 0o600 }));
    assert.equal(read(name), '');
    assert.equal(linux.unlinkAt(root, name), 'removed');
    assert.equal(linux.unlinkAt(root, name), 'absent');
  });

  test('nodes, links, owners, times and renames', () => {
    linux.mkdirAt(root, 'dir', 0o700);
    linux.mknodAt(root, 'dir/null', 0o020666, linux.makeDevice(511, 70000));
    linux.symlinkAt('nowhere', root, 'dir/link');
    linux.linkAt(root, 'dir/link', root, 'dir/link2');
    linux.chownAt(root, 'dir/link', 12, 34);
    linux.setTimesAt(root, 'dir/link', 1n, -1_500_000_000n);
    const at = (name: string): fs.BigIntStats =>
      fs.lstatSync(join(directory, 'root/dir', name), { bigint: true });
    assert.deepEqual(linux.splitDevice(Number(at('null').rdev)), [511, 70000]);
    const { uid, gid, nlink, mtimeNs, atimeNs } = at('link2');
    assert.deepEqual([uid, gid, nlink, mtimeNs, atimeNs], [12n, 34n, 2n, -1_500_000_000n, 1n]);
    linux.renameAt(root, 'dir/link', root, 'dir/null', linux.RENAME.EXCHANGE);
    assert.ok(at('null').isSymbolicLink());
    const noReplace = () => linux.renameAt(root, 'dir/link', root, 'dir/null', linux.RENAME.NOREPLACE);
    assert.throws(noReplace, errno('EEXIST'));
  });

  test('extended attributes of descriptors and of links themselves', () => {
    const file = linux.openBeneath(root, 'etc/passwd', O.RDONLY);
    const value = Buffer.alloc(1000, 7);
    linux.setXattr(file, 'trusted.big', value);
    linux.setXattr(join(directory, 'root/etc/passwd'), Buffer.from('trusted.small'), Buffer.from('1'));
    assert.deepEqual(linux.getXattr(file, 'trusted.big'), value);
    assert.equal(linux.getXattr(file, 'trusted.none'), undefined);
    assert.deepEqual(linux.listXattrs(file).map(String).sort(), ['trusted.big', 'trusted.small']);
    assert.equal(linux.removeXattr(file, 'trusted.big'), 'removed');
    assert.equal(linux.removeXattr(file, 'trusted.big'), 'absent');
    fs.symlinkSync('nowhere', join(directory, 'dangling'));
    linux.setXattr(join(directory, 'dangling'), 'trusted.own', Buffer.from('x'));
    assert.equal(String(linux.getXattr(join(directory, 'dangling'), 'trusted.own')), 'x');
    fs.closeSync(file);
  });

  test('a lock is one holder’s; blocks are reserved and freed', async () => {
    const path = join(directory, 'lock');
    const [first, second] = [fs.openSync(path, 'w+'), fs.openSync(path, 'r+')];
    assert.equal(linux.tryLock(first, 'exclusive'), 'locked');
    assert.equal(linux.tryLock(second, 'exclusive'), 'busy');
    assert.equal(linux.tryLock(second, 'shared'), 'busy');
    fs.closeSync(first);
    assert.equal(linux.tryLock(second, 'shared'), 'locked');
    await linux.fallocate(second, 0, 0, 65536);
    assert.equal(fs.fstatSync(second).size, 65536);
    await linux.fallocate(second, linux.FALLOCATE.PUNCH_HOLE | linux.FALLOCATE.KEEP_SIZE, 0, 65536);
    assert.equal(fs.fstatSync(second).blocks, 0);
    linux.fadvise(second, linux.FADVISE.DONTNEED);
    await linux.syncFilesystem(second);
    fs.closeSync(second);
  });
});
