import assert from 'node:assert/strict';
import test from 'node:test';
import { Frames, framed } from './frames.ts';

test('messages come out of a stream whole, however it is cut', () => {
  const messages = ['one', '', 'x'.repeat(65_535), 'three'].map((text) => Buffer.from(text));
  const stream = Buffer.concat(messages.map(framed));
  for (const size of [1, 2, 3, 1000, stream.length]) {
    const frames = new Frames();
    const found: string[] = [];
    for (let at = 0; at < stream.length; at += size)
      for (const message of frames.take(stream.subarray(at, at + size))) found.push(message.toString());
    assert.deepEqual(found, ['one', 'x'.repeat(65_535), 'three'], `pieces of ${size}`);
  }
});
