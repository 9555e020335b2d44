import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { recompressed } from './recompress.ts';

async function* cut(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const text = Buffer.from(Array.from({ length: 400_000 }, (_, i) => `line ${i * 7919}\n`).join(''));
const cases: [name: string, bytes: Buffer][] = [
  ['nothing', Buffer.alloc(0)],
  ['one byte', Buffer.from('x')],
  ['exactly a block', text.subarray(0, 1 << 20)],
  ['several blocks', text],
];
for (const [name, bytes] of cases) {
  test(`${name} comes back, and the cut of the chunks does not show`, async () => {
    const [a, b] = await Promise.all(
      [1000, 3_000_000].map(async (size) =>
        Buffer.concat(await Array.fromAsync(recompressed(cut(bytes, size)))),
      ),
    );
    assert.ok(gunzipSync(a!).equals(bytes));
    assert.ok(a!.equals(b!));
  });
}
