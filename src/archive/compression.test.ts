import assert from 'node:assert/strict';
import test from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { chunked } from '../../test/fixtures/tar.ts';
import { compressed, compressionOf, decompressed } from './compression.ts';

async function all(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of source) parts.push(part);
  return Buffer.concat(parts);
}

const text = Buffer.from('as it was '.repeat(50_000));
const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0, 1, 2, 3, 4]);

const forms: readonly [name: string, bytes: Buffer][] = [
  ['plain', text],
  ['empty', Buffer.alloc(0)],
  ['one byte', Buffer.from('x')],
  ['gzip', gzipSync(text)],
  ['two gzip members', Buffer.concat([gzipSync(text.subarray(0, 1000)), gzipSync(text.subarray(1000))])],
  ['zstd', zstdCompressSync(text)],
  ['zstd after a skippable frame', Buffer.concat([skippable, zstdCompressSync(text)])],
];

for (const [name, bytes] of forms) {
  test(`decompressed, told by its magic: ${name}`, async () => {
    const expected = bytes.length < 2 ? bytes : text;
    for (const size of [1 << 16, 5, 1]) {
      if (size === 1 && bytes.length > 10_000) continue;
      assert.ok((await all(decompressed(chunked(bytes, size)))).equals(expected), `chunks of ${size}`);
    }
  });
}

test('a cut or broken stream is invalid', async () => {
  const gzip = gzipSync(text);
  await assert.rejects(all(decompressed(chunked(gzip.subarray(0, gzip.length - 9)))), { kind: 'invalid' });
  const broken = Buffer.from(gzip);
  broken.fill(0xff, 20, 60);
  await assert.rejects(all(decompressed(chunked(broken))), {
    kind: 'invalid',
    message: /invalid gzip stream/,
  });
  const zstd = zstdCompressSync(text);
  await assert.rejects(all(decompressed(chunked(zstd.subarray(0, zstd.length - 9)))), { kind: 'invalid' });
});

test('xz and bzip2 are known, and not supported', async () => {
  const xz = Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00, 0, 0]);
  await assert.rejects(all(decompressed(chunked(xz))), { kind: 'unsupported', message: /xz/ });
  await assert.rejects(all(decompressed(chunked(Buffer.from('BZh91AY')))), {
    kind: 'unsupported',
    message: /bzip2/,
  });
});

test('an error of the source comes through as it is', async () => {
  async function* failing() {
    yield gzipSync(text).subarray(0, 100);
    throw new Error('connection lost');
  }
  await assert.rejects(all(decompressed(failing())), { message: 'connection lost' });
});

test('a reader that leaves closes the source', async () => {
  let closed = false;
  async function* source() {
    try {
      for (;;) yield gzipSync(text);
    } finally {
      closed = true;
    }
  }
  for await (const _chunk of decompressed(source())) break;
  for (let tries = 0; !closed && tries < 1000; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(closed);
});

test('the same bytes compress to the same bytes, which hold no time', async () => {
  for (const compression of ['gzip', 'zstd'] as const) {
    const one = await all(compressed(chunked(text), { compression }));
    const two = await all(compressed(chunked(text, 1000), { compression }));
    assert.ok(one.equals(two), compression);
    assert.equal(compressionOf(one), compression);
    assert.ok((await all(decompressed(chunked(one)))).equals(text));
    if (compression === 'gzip') assert.deepEqual([...one.subarray(3, 8)], [0, 0, 0, 0, 0]);
  }
});
