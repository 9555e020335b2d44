import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import test, { after } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { fromBytes } from '#archive/tar-entry.ts';
import { memberOf } from '#archive/write-tar.ts';
import { digestOf } from '#oci/digest.ts';
import { openTestContexts } from '../../../test/fixtures/opened-contexts.ts';
import {
  chunked,
  device,
  directory,
  fifo,
  file,
  gnuSparse,
  hardLink,
  nameOf,
  paxSparse,
  rawHeader,
  symlink,
  tar,
} from '../../../test/fixtures/tar.ts';
import type { Context } from './context.ts';

const held = await openTestContexts();
const { opened, paths } = held;
after(() => held[Symbol.asyncDispose]());

async function received(bytes: Uint8Array, ...sizes: number[]): Promise<Context> {
  const { id } = await opened.contexts.receive(chunked(bytes, ...(sizes.length > 0 ? sizes : [65_536])));
  return opened.store.open(id);
}

const spooled = () => readdir(paths.buildFolder('spool'));

async function contentOf(context: Context, path: string): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of context.open(path)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** All that is in a context: `mode path type content`, one line each. */
async function shown(context: Context, path = ''): Promise<string[]> {
  const lines: string[] = [];
  for (const name of context.list(path)) {
    const full = path === '' ? name : `${path}/${name}`;
    const info = context.find(full)!;
    const mode = info.mode.toString(8);
    if (info.type === 'file') {
      const content = await contentOf(context, full);
      assert.equal(content.length, info.size);
      assert.equal(await context.digestOf(full), digestOf(content));
      lines.push(`${full} ${mode} ${content.toString('latin1')}`);
    } else lines.push(`${full} ${mode} ${info.type}${info.linkName === '' ? '' : ` ${info.linkName}`}`);
    lines.push(...(await shown(context, full)));
  }
  return lines;
}

const trees: readonly (readonly [name: string, tar: Buffer, want: readonly string[]])[] = [
  ['nothing', tar(), []],
  ['no bytes at all', Buffer.alloc(0), []],
  [
    'files and directories',
    tar(directory('d/'), file('d/f', 'x', { mode: 0o755 }), file('a', '')),
    ['a 644 ', 'd 755 directory', 'd/f 755 x'],
  ],
  [
    'set-id and sticky bits stay',
    tar(directory('t/', { mode: 0o1777 }), file('s', 's', { mode: 0o6755 })),
    ['s 6755 s', 't 1777 directory'],
  ],
  [
    'a directory that is nowhere named',
    tar(file('a/b/c', '1')),
    ['a 755 directory', 'a/b 755 directory', 'a/b/c 644 1'],
  ],
  ['`./` and doubled slashes', tar(directory('./'), file('./a//b', '1')), ['a 755 directory', 'a/b 644 1']],
  [
    'an absolute name is beneath the root',
    tar(file('/etc/passwd', 'x')),
    ['etc 755 directory', 'etc/passwd 644 x'],
  ],
  ['`..` stays beneath the root', tar(file('../../x', '1'), file('a/../../y', '2')), ['x 644 1', 'y 644 2']],
  ['the last of two wins', tar(file('a', 'first'), file('a', 'second')), ['a 644 second']],
  ['a file in the place of a directory', tar(file('a/b', '1'), file('a', '2')), ['a 644 2']],
  [
    'a directory in the place of a file',
    tar(file('a', '1'), directory('a/'), file('a/b', '2')),
    ['a 755 directory', 'a/b 644 2'],
  ],
  [
    'a directory twice keeps what is in it',
    tar(directory('a/'), file('a/b', '1'), directory('a/', { mode: 0o700 })),
    ['a 700 directory', 'a/b 644 1'],
  ],
  [
    'links are words',
    tar(symlink('l', '../../../etc/shadow'), symlink('m', '/etc'), symlink('n', 'gone')),
    ['l 644 symlink ../../../etc/shadow', 'm 644 symlink /etc', 'n 644 symlink gone'],
  ],
  [
    'a file beneath a link goes where the link leads',
    tar(directory('d/'), symlink('l', 'd'), file('l/f', '1')),
    ['d 755 directory', 'd/f 644 1', 'l 644 symlink d'],
  ],
  [
    'a link upwards leads to the root',
    tar(symlink('l', '../../..'), file('l/etc', '1')),
    ['etc 644 1', 'l 644 symlink ../../..'],
  ],
  [
    'an absolute link leads beneath the root',
    tar(directory('etc/'), symlink('l', '/etc'), file('l/f', '1')),
    ['etc 755 directory', 'etc/f 644 1', 'l 644 symlink /etc'],
  ],
  [
    'hard links',
    tar(file('a', 'x', { mode: 0o600 }), hardLink('d/b', 'a'), hardLink('c', 'd/b')),
    ['a 600 x', 'c 600 x', 'd 755 directory', 'd/b 600 x'],
  ],
  [
    'devices are left out',
    tar(device('n', 'charDevice', 1, 3), device('d/b', 'blockDevice', 8, 0), file('f', '')),
    ['f 644 '],
  ],
  ['a fifo stays', tar(fifo('p')), ['p 644 fifo']],
  [
    'names that are not UTF-8',
    tar(memberOf({ name: nameOf('a', 0xff, 0xfe), type: 'file' }, '1')),
    ['a\xff\xfe 644 1'],
  ],
  [
    'GNU sparse',
    tar(
      gnuSparse('s', 10, [
        [0, 'ab'],
        [6, 'cd'],
      ]),
    ),
    ['s 644 ab\0\0\0\0cd\0\0'],
  ],
  ['PAX sparse', tar(paxSparse('1.0', 's', 6, [[2, 'ab']]), file('t', '1')), ['s 644 \0\0ab\0\0', 't 644 1']],
];

for (const [name, bytes, want] of trees)
  test(`a tar with ${name}`, async () => {
    for (const size of [65_536, 100]) {
      await using context = await received(bytes, size);
      assert.deepEqual(await shown(context), want);
    }
    assert.deepEqual(await spooled(), []);
  });

const refused: readonly (readonly [name: string, tar: Buffer, message: RegExp])[] = [
  [
    'a hard link to nothing',
    tar(hardLink('a', 'b')),
    /Cannot place "a" in the context: no such file to link to: "b"/,
  ],
  ['a hard link out of it', tar(hardLink('a', '../../etc/passwd')), /no such directory/],
  ['a hard link to a directory', tar(directory('d/'), hardLink('a', 'd')), /a hard link to a directory/],
  [
    'a file beneath a file',
    tar(file('a', ''), file('a/b', '')),
    /Cannot place "a\/b" in the context: not a directory/,
  ],
  [
    'a file beneath a dangling link',
    tar(symlink('l', 'gone'), file('l/f', '')),
    /"l\/f" .*no such directory/,
  ],
  [
    'links in a circle',
    tar(symlink('a', 'b'), symlink('b', 'a'), file('a/f', '')),
    /too many levels of symbolic links/,
  ],
  ['a file as its root', tar(file('.', '1')), /the root is not a directory/],
  ['a cut body', tar(file('a', 'x'.repeat(2000))).subarray(0, 1024), /unexpected EOF/],
  ['a cut header', tar(file('a', 'x')).subarray(0, 300), /unexpected EOF/],
  ['a wrong checksum', rawHeader({ name: 'a', checksum: '0000000' }), /checksum does not match/],
  ['a cut gzip stream', gzipSync(tar(file('a', 'x'))).subarray(0, 40), /gzip/],
  ['an endless name', tar(file(`${'d/'.repeat(1200)}f`, '')), /too many directories/],
];

for (const [name, bytes, message] of refused)
  test(`refuses a tar with ${name}, and keeps nothing`, async () => {
    await assert.rejects(received(bytes), { kind: 'invalid', message });
    assert.deepEqual(await spooled(), []);
  });

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const compressed: readonly (readonly [name: string, compress: (bytes: Buffer) => Buffer])[] = [
  ['gzip', (bytes) => gzipSync(bytes)],
  ['zstd', (bytes) => zstdCompressSync(bytes)],
  ...(['xz', 'bzip2'] as const)
    .filter(has)
    .map(
      (program) => [program, (bytes: Buffer) => spawnSync(program, ['-c'], { input: bytes }).stdout] as const,
    ),
];

for (const [name, compress] of compressed)
  test(`a tar compressed by ${name}`, async () => {
    const bytes = compress(tar(file('a', 'content'), file('b', 'x'.repeat(3_000_000))));
    await using context = await received(bytes);
    assert.equal((await contentOf(context, 'a')).toString(), 'content');
    assert.equal((await contentOf(context, 'b')).length, 3_000_000);
    assert.equal(context.received, bytes.length);
  });

for (const program of ['xz', 'bzip2'].filter(has))
  test(`refuses a broken ${program} stream`, async () => {
    const bytes = spawnSync(program, ['-c'], { input: Buffer.alloc(1 << 20, 'abc') }).stdout;
    await assert.rejects(received(bytes.subarray(0, bytes.length / 2)), { kind: 'invalid' });
    assert.deepEqual(await spooled(), []);
  });

test('a context is kept until all who opened it are done', async () => {
  const { id } = await opened.contexts.receive(chunked(tar(file('a', 'x'))));
  const first = opened.store.open(id);
  const second = opened.store.open(id);
  await first[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  assert.equal((await contentOf(second, 'a')).toString(), 'x');
  await second[Symbol.asyncDispose]();
  assert.throws(() => opened.store.open(id), { kind: 'notFound' });
  assert.deepEqual(await spooled(), []);
});

test('a context that nobody asks for goes after an hour', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { id } = await opened.contexts.receive(chunked(tar(file('a', 'x'))));
  const asked = await received(tar(file('b', 'y')));
  t.mock.timers.tick(3_599_999);
  assert.equal((await spooled()).length, 2);
  t.mock.timers.tick(2);
  assert.throws(() => opened.store.open(id), { kind: 'notFound' });
  assert.equal((await contentOf(asked, 'b')).toString(), 'y');
  await asked[Symbol.asyncDispose]();
});

test('a cancelled upload leaves nothing', async () => {
  const abort = new AbortController();
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield rawHeader({ name: 'a', size: 2 ** 33 });
    for (let i = 0; ; i++) {
      if (i === 100) abort.abort(new Error('gone'));
      yield Buffer.alloc(65_536);
    }
  }
  await assert.rejects(opened.contexts.receive(endless(), abort.signal), /gone/);
  assert.deepEqual(await spooled(), []);
});

test('a source that fails leaves nothing', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield tar(file('a', 'x')).subarray(0, 512);
    throw new Error('connection reset');
  }
  await assert.rejects(opened.contexts.receive(failing()), /connection reset/);
  assert.deepEqual(await spooled(), []);
});

test('the digest of a tree is of names, types, modes, contents and targets, not of order', async () => {
  const digest = async (...members: Buffer[]) => {
    await using context = await received(tar(...members));
    return context.treeDigest('');
  };
  const plain = await digest(file('d/a', '1'), file('d/b', '2'));
  assert.equal(
    await digest(file('d/b', '2'), file('d/a', '1', { modified: { seconds: 5, nanoseconds: 1 } })),
    plain,
  );
  assert.equal(await digest(file('d/b', '2', { uid: 3 }), file('d/a', '0'), file('d/a', '1')), plain);
  const others = [
    await digest(file('d/a', '1'), file('d/b', '3')),
    await digest(file('d/a', '1'), file('d/c', '2')),
    await digest(file('d/a', '1'), file('d/b', '2', { mode: 0o600 })),
    await digest(file('d/a', '1'), symlink('d/b', '2')),
    await digest(file('d/a', '1'), symlink('d/b', '3')),
    await digest(directory('d/', { mode: 0o700 }), file('d/a', '1'), file('d/b', '2')),
    await digest(file('d/a', '1'), directory('d/b/')),
  ];
  assert.equal(new Set([plain, ...others]).size, others.length + 1);
  await using context = await received(tar(file('d/a', '1'), file('d/b', '2')));
  assert.throws(() => context.treeDigest('d/x'), { kind: 'notFound' });
  assert.notEqual(context.treeDigest('d/a'), context.treeDigest('d/b'));
});

test('a million entries', { timeout: 120_000 }, async () => {
  const header = rawHeader({ name: '0000000' });
  async function* million(): AsyncGenerator<Uint8Array> {
    const blocks = Buffer.concat(Array<Buffer>(2000).fill(header));
    for (let n = 0; n < 1_000_000; ) {
      for (let at = 0; at < blocks.length; at += 512) renumber(blocks.subarray(at, at + 512), n++);
      yield Buffer.from(blocks);
    }
  }
  const { id } = await opened.contexts.receive(million());
  await using context = opened.store.open(id);
  const names = context.list('');
  assert.equal(names.length, 1_000_000);
  assert.equal(names[123_456], fromBytes(Buffer.from('0123456')));
  assert.equal(context.find('0999999')?.type, 'file');
  assert.match(context.treeDigest(''), /^sha256:/);
});

/** Another name of seven digits in a header, the checksum set right. */
function renumber(block: Buffer, number: number): void {
  block.write(String(number).padStart(7, '0'), 0, 7, 'latin1');
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
}
