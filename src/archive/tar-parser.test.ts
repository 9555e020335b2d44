import assert from 'node:assert/strict';
import test from 'node:test';
import { kindOf } from '#base/errors.ts';
import {
  chunked,
  device,
  directory,
  fifo,
  file,
  gnuLong,
  gnuSparse,
  hardLink,
  padded,
  pax,
  paxSparse,
  rawHeader,
  symlink,
  tar,
} from '../../test/fixtures/tar.ts';
import { readTar } from './read-tar.ts';
import { fromText, type PlacedEntry } from './tar-entry.ts';
import { writeChecksum } from './tar-fields.ts';
import { TarParser } from './tar-parser.ts';
import { memberOf } from './write-tar.ts';

interface Told {
  readonly entry: PlacedEntry;
  readonly stored: string;
}

/** What a parser tells of a tar that comes in chunks of one size. */
function parsed(bytes: Uint8Array, size = bytes.length): Told[] {
  const told: { entry: PlacedEntry; stored: string }[] = [];
  const parser = new TarParser({
    entry: (entry) => told.push({ entry, stored: '' }),
    data: (data) => {
      told.at(-1)!.stored += Buffer.from(data).toString('latin1');
    },
  });
  for (let at = 0; at < bytes.length; at += size) parser.write(bytes.subarray(at, at + size));
  parser.end();
  return told;
}

const long = `deep/${'n'.repeat(90)}/${'m'.repeat(150)}`;
const segments = Array.from({ length: 30 }, (_, i) => [i * 4096, `part ${i}`] as const);

const everyForm = tar(
  directory('etc/', { mode: 0o1777, uid: 7, gid: 8, modified: { seconds: 1_700_000_000, nanoseconds: 25 } }),
  file('etc/hosts', 'localhost'),
  file(long, 'pax name', { xattrs: new Map([['user.a', Buffer.from([0, 255])]]) }),
  gnuLong('L', long),
  gnuLong('K', long),
  rawHeader({ name: 'cut', type: '2', linkName: 'cut', magic: 'ustar  \0' }),
  hardLink('etc/link', 'etc/hosts'),
  symlink('etc/sym', '../x'),
  device('dev/null', 'charDevice', 1, 3),
  device('dev/big', 'blockDevice', 259, 70_000),
  fifo('run/pipe'),
  gnuSparse('sparse/gnu', 200_000, segments),
  paxSparse('0.0', 'sparse/0.0', 200_000, segments),
  paxSparse('0.1', 'sparse/0.1', 200_000, segments),
  paxSparse('1.0', 'sparse/1.0', 200_000, segments),
  rawHeader({ name: 'v7/', type: '\0', magic: '' }),
  rawHeader({ name: 'tail', prefix: 'ustar/prefix' }),
  memberOf({ name: 'caf\xe9\xff', type: 'file', uid: 3_000_000 }, 'not UTF-8'),
);

test('every form says the same of its file', () => {
  const told = parsed(everyForm);
  assert.deepEqual(
    told.map(({ entry }) => [entry.type, entry.name, entry.linkName, entry.size]),
    [
      ['directory', 'etc/', '', 0],
      ['file', 'etc/hosts', '', 9],
      ['file', long, '', 8],
      ['symlink', long, long, 0],
      ['hardLink', 'etc/link', 'etc/hosts', 0],
      ['symlink', 'etc/sym', '../x', 0],
      ['charDevice', 'dev/null', '', 0],
      ['blockDevice', 'dev/big', '', 0],
      ['fifo', 'run/pipe', '', 0],
      ['file', 'sparse/gnu', '', 200_000],
      ['file', 'sparse/0.0', '', 200_000],
      ['file', 'sparse/0.1', '', 200_000],
      ['file', 'sparse/1.0', '', 200_000],
      ['directory', 'v7/', '', 0],
      ['file', 'ustar/prefix/tail', '', 0],
      ['file', 'caf\xe9\xff', '', 9],
    ],
  );
  const [etc, hosts, named] = told.map(({ entry }) => entry);
  assert.deepEqual([etc!.mode, etc!.uid, etc!.gid], [0o1777, 7, 8]);
  assert.deepEqual(etc!.modified, { seconds: 1_700_000_000, nanoseconds: 25 });
  assert.equal(everyForm.toString('latin1', hosts!.bodyOffset, hosts!.bodyOffset + 9), 'localhost');
  assert.deepEqual([...named!.xattrs], [['user.a', Buffer.from([0, 255])]]);
  assert.deepEqual([told[7]!.entry.major, told[7]!.entry.minor], [259, 70_000]);
  assert.equal(told.at(-1)!.entry.uid, 3_000_000);
  for (const { entry, stored } of told.filter((one) => one.entry.sparse !== undefined)) {
    assert.deepEqual(
      entry.sparse,
      segments.map(([offset, text]) => ({ offset, length: text.length })),
      entry.name,
    );
    assert.equal(stored, segments.map(([, text]) => text).join(''), entry.name);
    assert.equal(
      everyForm.toString('latin1', entry.bodyOffset, entry.bodyOffset + stored.length),
      stored,
      entry.name,
    );
  }
});

test('a tar cut into chunks at every byte says the same', () => {
  const whole = parsed(everyForm);
  for (const size of [1, 2, 7, 511, 512, 513, 4096])
    assert.deepEqual(parsed(everyForm, size), whole, `chunks of ${size}`);
  const small = tar(
    file('a', 'x'.repeat(700)),
    paxSparse('1.0', 's', 9000, [
      [0, 'one'],
      [4096, 'two'],
    ]),
    file(long, 'end'),
  );
  const expected = parsed(small);
  for (let cut = 1; cut < small.length; cut++) {
    const told: Told[] = [];
    const parser = new TarParser({ entry: (entry) => told.push({ entry, stored: '' }) });
    parser.write(small.subarray(0, cut));
    parser.write(small.subarray(cut));
    parser.end();
    assert.deepEqual(
      told.map(({ entry }) => entry),
      expected.map(({ entry }) => entry),
      `cut at ${cut}`,
    );
  }
});

test('a reader yields bodies, and passes over those not taken', async () => {
  const bytes = tar(file('a', 'first'), file('b', 'second'.repeat(200)), file('c', 'third'));
  for (const size of [1, 100, 512, 5000]) {
    const seen: string[] = [];
    for await (const { entry, body } of readTar(chunked(bytes, size))) {
      if (entry.name === 'a') continue;
      const parts: Uint8Array[] = [];
      for await (const part of body) parts.push(part);
      seen.push(Buffer.concat(parts).toString());
    }
    assert.deepEqual(seen, ['second'.repeat(200), 'third'], `chunks of ${size}`);
  }
});

test('a reader that is left closes its source', async () => {
  let closed = false;
  async function* source() {
    try {
      yield tar(file('a', 'x'));
      yield Buffer.alloc(512);
    } finally {
      closed = true;
    }
  }
  for await (const _member of readTar(source())) break;
  assert.ok(closed);
});

const refused: readonly [what: string, bytes: Uint8Array, message: RegExp][] = [
  ['a wrong checksum', tar(rawHeader({ name: 'bad', checksum: '0001234\0' })), /"bad".*checksum/],
  ['a negative size', tar(rawHeader({ name: 'neg', size: -512 })), /"neg".*negative size/],
  ['a size that is no number', tar(rawHeader({ name: 'nan', size: '12x45678901' })), /"nan".*not octal/],
  [
    'a size past 2^53',
    tar(rawHeader({ name: 'big', size: '\x80\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff' })),
    /"big".*too large/,
  ],
  ['a size past the limit', tar(rawHeader({ name: 'huge', size: 2 ** 41 })), /"huge".*limit/],
  [
    'a size past the limit in PAX',
    tar(pax({ size: '9007199254740991' }), rawHeader({ name: 'huge' })),
    /"huge".*limit/,
  ],
  ['an unknown type', tar(rawHeader({ name: 'odd', type: 'Z' })), /"odd".*unhandled tar header type 90/],
  ['a body cut short', file('short', 'x'.repeat(2000)).subarray(0, 1500), /"short".*unexpected EOF/],
  ['a header cut short', file('short').subarray(0, 300), /unexpected EOF/],
  ['an end after a long name', tar(gnuLong('L', 'lost')), /ends after an extended header/],
  [
    'an entry after one block of zeros',
    Buffer.concat([Buffer.alloc(512), tar(file('late'))]),
    /after a block of zeros/,
  ],
  [
    'a malformed PAX record',
    tar(rawHeader({ name: 'p', type: 'x', size: 6 }), padded('9 a=b\n'), file('x')),
    /malformed PAX/,
  ],
  ['a NUL in a PAX path', tar(pax({ path: 'a\0b' }), file('x')), /NUL/],
  ['a name past PATH_MAX', tar(file(`${'d/'.repeat(2100)}x`)), /File name too long/],
  ['a component past NAME_MAX', tar(file(`a/${'x'.repeat(256)}`)), /File name too long/],
  ['a link target past PATH_MAX', tar(symlink('l', 'x'.repeat(5000))), /"l".*File name too long/],
  ['too many directories', tar(file(`${'d/'.repeat(1100)}x`)), /too many directories/],
  ['an extended header of 2 MiB', tar(rawHeader({ name: 'p', type: 'x', size: 2 ** 21 })), /"p".*too large/],
  [
    'extended headers without end',
    tar(...Array.from({ length: 3000 }, () => gnuLong('L', 'x'))),
    /too large/,
  ],
  [
    'overlapping segments',
    tar(
      paxSparse('0.1', 's', 100, [
        [0, 'abc'],
        [2, 'def'],
      ]),
    ),
    /"s".*invalid sparse map/,
  ],
  ['segments past the size', tar(paxSparse('1.0', 's', 4, [[2, 'def']])), /"s".*invalid sparse map/],
  [
    'a map that stores less than the body',
    tar(
      pax({ 'GNU.sparse.size': '10', 'GNU.sparse.map': '0,2' }),
      rawHeader({ name: 's', size: 5 }),
      padded('abcde'),
    ),
    /"s".*stored size/,
  ],
  [
    'a sparse map that never ends',
    tar(
      pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '1' }),
      rawHeader({ name: 's', size: 512 }),
      padded('99\n1\n'),
    ),
    /"s".*malformed sparse map/,
  ],
  [
    'a sparse map of a billion',
    tar(
      pax({ 'GNU.sparse.major': '1', 'GNU.sparse.minor': '0', 'GNU.sparse.realsize': '1' }),
      rawHeader({ name: 's', size: 512 }),
      padded('999999999\n'),
    ),
    /"s".*too many segments/,
  ],
  ['an owner out of range', tar(rawHeader({ name: 'o', uid: -5 })), /"o".*owner/],
  ['a device out of range', tar(rawHeader({ name: 'd', type: '3', major: 70_000 })), /"d".*device/],
];

for (const [what, bytes, message] of refused) {
  test(`refused, naming the entry: ${what}`, () => {
    for (const size of [bytes.length, 100])
      assert.throws(() => parsed(bytes, size), { kind: 'invalid', message });
  });
}

test('limits are the caller’s to set', () => {
  const bytes = tar(file('a', '12345'), file('b', '12345'));
  const within = (limits: object) => {
    const parser = new TarParser({ entry: () => undefined }, limits);
    parser.write(bytes);
    parser.end();
  };
  within({ entries: 2, entrySize: 5, totalSize: 10 });
  assert.throws(() => within({ entries: 1 }), { kind: 'invalid', message: /"b".*more than 1 entries/ });
  assert.throws(() => within({ entrySize: 4 }), { kind: 'invalid', message: /"a".*limit/ });
  assert.throws(() => within({ totalSize: 9 }), { kind: 'invalid', message: /"b".*limit/ });
});

test('what is not an entry is passed over', () => {
  const global = Buffer.concat([rawHeader({ name: 'g', type: 'g', size: 14 }), padded('14 path=other\n')]);
  const told = parsed(Buffer.concat([tar(global, file('a', 'x')), Buffer.from('after the end')]));
  assert.deepEqual(
    told.map(({ entry }) => [entry.name, entry.headerOffset]),
    [['a', 1024]],
  );
});

test('a tar may end without its blocks of zeros, and within padding', () => {
  assert.equal(parsed(file('a', 'x')).length, 1);
  assert.equal(parsed(file('a', 'x').subarray(0, 513)).length, 1);
  assert.equal(parsed(Buffer.concat([file('a'), Buffer.alloc(512)])).length, 1);
  assert.deepEqual(parsed(new Uint8Array()), []);
});

test('a member written is the member read', () => {
  const entry = {
    name: fromText(`ä/${'long'.repeat(40)}`),
    type: 'file' as const,
    mode: 0o6755,
    uid: 2 ** 31,
    gid: 5,
    modified: { seconds: -1, nanoseconds: 500_000_000 },
    xattrs: new Map([['security.capability', Buffer.from('\x01\0\0\x02')]]),
  };
  const [told] = parsed(tar(memberOf(entry, 'body')));
  assert.deepEqual({ ...told!.entry, ...entry }, told!.entry);
  assert.equal(told!.stored, 'body');
});

test('whatever bytes are changed, a tar is read or refused as invalid', () => {
  let seed = 1;
  const random = (below: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return Math.floor((seed / 0x8000_0000) * below);
  };
  for (let round = 0; round < 1500; round++) {
    const bytes = Buffer.from(everyForm);
    for (let i = 0; i <= random(4); i++) {
      const header = 512 * random(bytes.length / 512);
      bytes[header + random(512)] = random(256);
      if (random(3) > 0) writeChecksum(bytes.subarray(header, header + 512));
    }
    try {
      parsed(bytes, 1 + random(3000));
    } catch (error) {
      assert.equal(kindOf(error), 'invalid', `round ${round}: ${error}`);
    }
  }
});
