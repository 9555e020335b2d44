import assert from 'node:assert/strict';
import test from 'node:test';
import { readTar } from '#archive/read-tar.ts';
import type { PlacedEntry } from '#archive/tar-entry.ts';
import { chunked, file, paxSparse, tar } from '../../../test/fixtures/tar.ts';
import { TarRecorder } from './tar-record.ts';

/** Records a tar that comes in chunks of a size, the bodies of some entries going to files. */
async function recorded(bytes: Buffer, size: number, isFile: (entry: PlacedEntry) => boolean) {
  const kept: Buffer[] = [];
  const recorder = new TarRecorder(async (part) => void kept.push(Buffer.from(part)));
  async function* passing() {
    for await (const chunk of chunked(bytes, size)) {
      yield chunk;
      await recorder.pass(chunk);
    }
  }
  for await (const { entry } of readTar(passing())) if (isFile(entry)) recorder.announce(entry, 0);
  return { record: Buffer.concat(kept), bodies: recorder.bodies };
}

/** The tar again: what the record says, the files' bytes being those of the original. */
function rebuilt(bytes: Buffer, { record, bodies }: Awaited<ReturnType<typeof recorded>>): Buffer {
  const parts: Buffer[] = [];
  let position = 0;
  for (const { at, entry, segments } of bodies) {
    parts.push(record.subarray(position, at));
    position = at;
    for (const { offset, length } of segments) {
      const stored = storedOffset(entry, offset);
      parts.push(bytes.subarray(stored, stored + length));
    }
  }
  return Buffer.concat([...parts, record.subarray(position)]);
}

/** Where in the tar a byte of a file is stored. */
function storedOffset(entry: PlacedEntry, offset: number): number {
  let stored = entry.bodyOffset;
  for (const segment of entry.sparse ?? [{ offset: 0, length: entry.size }]) {
    if (offset < segment.offset + segment.length) return stored + offset - segment.offset;
    stored += segment.length;
  }
  return stored;
}

const bytes = tar(
  file('a', 'first'),
  file('empty'),
  file('long', 'x'.repeat(3000)),
  file('.wh.kept', 'a body that makes no file'),
  paxSparse('1.0', 'sparse', 100_000, [
    [0, 'start'],
    [50_000, 'y'.repeat(700)],
    [99_997, 'end'],
  ]),
  file('z', 'last'),
);

for (const size of [bytes.length, 4096, 1000, 512, 100, 7, 1]) {
  test(`record and files make the tar again: chunks of ${size}`, async () => {
    const result = await recorded(bytes, size, (entry) => !entry.name.startsWith('.wh.'));
    assert.ok(rebuilt(bytes, result).equals(bytes));
    assert.deepEqual(
      result.bodies.map(({ entry }) => entry.name),
      ['a', 'long', 'sparse', 'z'],
    );
    assert.ok(result.record.includes('a body that makes no file'));
    assert.ok(!result.record.includes('xxxx'));
  });
}

test('with no file at all, the record is the tar', async () => {
  const { record, bodies } = await recorded(bytes, 600, () => false);
  assert.ok(record.equals(bytes));
  assert.deepEqual(bodies, []);
});
