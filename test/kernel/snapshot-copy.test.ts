import assert from 'node:assert/strict';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { readTar } from '#archive/read-tar.ts';
import { fromText } from '#archive/tar-entry.ts';
import { mknodAt } from '#linux/index.ts';
import { packTree, unpackInto } from '#snapshot/index.ts';
import { collected, isRoot } from '../fixtures/snapshotter-contract.ts';
import { chunked, device, directory, file, hardLink, symlink, tar } from '../fixtures/tar.ts';
import { treeOf } from '../fixtures/tree.ts';

const skip = isRoot ? false : 'needs root';

/** A folder that plays a container's root, open, with a folder outside of it that must not change. */
function container(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'hoist-copy-'));
  for (const name of ['root', 'outside']) mkdirSync(join(folder, name));
  writeFileSync(join(folder, 'outside/secret'), 'secret');
  const fd = openSync(join(folder, 'root'), 'r');
  context.after(() => {
    assert.deepEqual(treeOf(join(folder, 'outside')).slice(1), ['/secret "secret" 0644']);
    closeSync(fd);
    rmSync(folder, { recursive: true, force: true });
  });
  return { folder, fd, at: (path: string) => join(folder, 'root', path) };
}

const namesOf = async (bytes: AsyncIterable<Uint8Array>): Promise<string[]> => {
  const names: string[] = [];
  for await (const { entry } of readTar(bytes))
    names.push(`${entry.name}${entry.linkName && ` -> ${entry.linkName}`}`);
  return names;
};

test('a tree is packed under the name of its last component, or another', { skip }, async (context) => {
  const { fd, at } = container(context);
  mkdirSync(at('etc/sub'), { recursive: true });
  writeFileSync(at('etc/a'), 'a');
  writeFileSync(at('etc/sub/b'), 'b');
  symlinkSync('/etc/passwd', at('etc/link'));
  symlinkSync('etc', at('alias'));
  assert.deepEqual(await namesOf(packTree(fd, '/etc')), [
    'etc/',
    'etc/a',
    'etc/link -> /etc/passwd',
    'etc/sub/',
    'etc/sub/b',
  ]);
  assert.deepEqual(await namesOf(packTree(fd, 'alias/sub', { name: 'other' })), ['other/', 'other/b']);
  assert.deepEqual(await namesOf(packTree(fd, '/alias')), ['alias -> etc']);
  assert.deepEqual(await namesOf(packTree(fd, '/etc/a', { name: 'renamed' })), ['renamed']);
  await assert.rejects(collected(packTree(fd, '/none')), { kind: 'notFound' });
  await assert.rejects(collected(packTree(fd, '/none/x')), { kind: 'notFound' });
});

test('what is packed and unpacked is the same tree', { skip }, async (context) => {
  const [one, two] = [container(context), container(context)];
  const all = tar(
    directory('d/', { mode: 0o2750, uid: 5 }),
    file('d/f', 'x'.repeat(5000), {
      mode: 0o4711,
      uid: 7,
      gid: 8,
      modified: { seconds: 99, nanoseconds: 5 },
    }),
    hardLink('d/h', 'd/f'),
    symlink('d/s', '/nowhere'),
    device('d/null', 'charDevice', 1, 3),
    file('d/.wh.x', 'no whiteout here'),
  );
  await unpackInto(one.fd, chunked(all, 777));
  await unpackInto(two.fd, packTree(one.fd, 'd'));
  assert.deepEqual(treeOf(two.fd, { times: true }).slice(1), treeOf(one.fd, { times: true }).slice(1));
  assert.ok(treeOf(one.fd).includes('/d/.wh.x "no whiteout here" 0644'));
});

test('links of a hostile container lead nowhere outside', { skip }, async (context) => {
  const { fd, at, folder } = container(context);
  symlinkSync('/outside', at('abs'));
  symlinkSync('../outside', at('rel'));
  symlinkSync(join(folder, 'outside'), at('full'));
  for (const name of ['abs', 'rel', 'full']) {
    await assert.rejects(collected(packTree(fd, `${name}/secret`)), { kind: 'notFound' });
    await assert.rejects(unpackInto(fd, chunked(tar(file(`${name}/evil`, 'x')))), {
      kind: 'invalid',
      message: /evil/,
    });
    await unpackInto(fd, chunked(tar(file(name, 'replaces the link'))));
    assert.equal(readFileSync(at(name), 'utf8'), 'replaces the link');
  }
  await assert.rejects(unpackInto(fd, chunked(tar(file('../outside/evil')))), {
    kind: 'invalid',
    message: /outside of the root/,
  });
});

test('a tree that changes under way is packed without harm', { skip }, async (context) => {
  const { fd, at, folder } = container(context);
  mkdirSync(at('d/sub'), { recursive: true });
  for (let i = 0; i < 20; i++) writeFileSync(at(`d/sub/f${i}`), 'x'.repeat(3000));
  mknodAt(fd, 'd/pipe', 0o010644);
  const swap = setInterval(() => {
    renameSync(at('d/sub'), at('kept'));
    symlinkSync(join(folder, 'outside'), at('d/sub'));
    rmSync(at('d/sub'));
    renameSync(at('kept'), at('d/sub'));
    writeFileSync(at('d/sub/f3'), 'short');
    writeFileSync(at('d/sub/f3'), 'x'.repeat(9000));
  }, 0);
  try {
    for (let i = 0; i < 30; i++) {
      const bytes = await collected(packTree(fd, 'd'));
      assert.ok(!bytes.includes('secret'));
      await namesOf(chunked(bytes));
    }
  } finally {
    clearInterval(swap);
  }
});

test('kinds are kept, and owners given, when asked for', { skip }, async (context) => {
  const { fd, at } = container(context);
  mkdirSync(at('dir'));
  writeFileSync(at('file'), '');
  const put = (bytes: Buffer) =>
    unpackInto(fd, chunked(bytes), { keepKinds: true, owner: { uid: 11, gid: 12 } });
  await assert.rejects(put(tar(file('dir', 'x'))), {
    kind: 'invalid',
    message: /cannot overwrite directory/,
  });
  await assert.rejects(put(tar(directory('file'))), {
    kind: 'invalid',
    message: /cannot overwrite non-directory/,
  });
  await put(tar(file('file', 'new', { uid: 5 }), directory('dir/', { mode: 0o700 })));
  assert.deepEqual(treeOf(fd).slice(1), ['/dir dir 0700 11:12', '/file "new" 0644 11:12']);
});

test('a name of any bytes is packed and unpacked', { skip }, async (context) => {
  const [one, two] = [container(context), container(context)];
  writeFileSync(Buffer.concat([Buffer.from(one.at('/')), Buffer.from([0xff, 0x0a, 0x80])]), 'bytes');
  await unpackInto(two.fd, packTree(one.fd, Buffer.from([0xff, 0x0a, 0x80])));
  assert.deepEqual(treeOf(two.fd).slice(1), ['/\xff\n\x80 "bytes" 0644']);
  assert.equal(fromText('é'), '\xc3\xa9');
});
