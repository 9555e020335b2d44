import assert from 'node:assert/strict';
import test from 'node:test';
import { encodeFrame, FrameDecoder, type StreamName } from './multiplex.ts';

const frames: [StreamName, string][] = [
  ['stdout', 'hello\n'],
  ['stderr', ''],
  ['stderr', 'x'],
  ['stdout', 'a longer line of output\n'],
  ['system', 'broken'],
];
const stream = Buffer.concat(frames.map(([name, text]) => encodeFrame(name, Buffer.from(text))));

function decoded(chunks: readonly Uint8Array[]): [StreamName, string][] {
  const decoder = new FrameDecoder();
  const pieces = chunks.flatMap((chunk) => [...decoder.push(chunk)]);
  assert.ok(decoder.whole);
  const joined: [StreamName, string][] = [];
  for (const { stream: name, bytes } of pieces) {
    const last = joined.at(-1);
    if (last?.[0] === name) last[1] += Buffer.from(bytes).toString();
    else joined.push([name, Buffer.from(bytes).toString()]);
  }
  return joined;
}

const want = decoded([stream]);

test('frames come out as they went in', () => {
  assert.deepEqual(want, [
    ['stdout', 'hello\n'],
    ['stderr', 'x'],
    ['stdout', 'a longer line of output\n'],
    ['system', 'broken'],
  ]);
});

test('split at every byte, the same comes out', () => {
  for (let at = 0; at <= stream.length; at += 1) {
    assert.deepEqual(decoded([stream.subarray(0, at), stream.subarray(at)]), want);
  }
  assert.deepEqual(decoded([...stream].map((byte) => Uint8Array.of(byte))), want);
});

test('a stream cut inside a frame is not whole', () => {
  const decoder = new FrameDecoder();
  assert.equal([...decoder.push(stream.subarray(0, 10))].length, 1);
  assert.equal(decoder.whole, false);
});

test('an unknown stream number is refused', () => {
  assert.throws(() => [...new FrameDecoder().push(Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 1))], RangeError);
});
