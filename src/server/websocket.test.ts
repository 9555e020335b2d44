import assert from 'node:assert/strict';
import test from 'node:test';
import { acceptKey, encodeWebSocketFrame, WebSocketDecoder } from './websocket.ts';

/** A masked frame, as a client sends it. */
function masked(code: number, text: string): Buffer {
  const frame = encodeWebSocketFrame(code, Buffer.from(text));
  const header = frame.length - Buffer.byteLength(text);
  const mask = Buffer.of(1, 2, 3, 4);
  const payload = frame.subarray(header).map((byte, index) => byte ^ mask[index % 4]!);
  frame[1]! |= 0x80;
  return Buffer.concat([frame.subarray(0, header), mask, payload]);
}

const long = 'x'.repeat(70_000);
const middle = 'y'.repeat(300);
const stream = Buffer.concat([masked(1, 'hello'), masked(9, ''), masked(2, middle), masked(8, '')]);

function decoded(chunks: readonly Uint8Array[]): string {
  const decoder = new WebSocketDecoder();
  return chunks
    .flatMap((chunk) => [...decoder.push(chunk)])
    .map(({ opcode, bytes }) => (bytes.length > 0 ? Buffer.from(bytes).toString() : `<${opcode}>`))
    .join('');
}

test('the accept key is the RFC’s', () => {
  assert.equal(acceptKey('dGhlIHNhbXBsZSBub25jZQ=='), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
});

test('frames split at every byte', () => {
  const want = `hello<9>${middle}<8>`;
  for (let at = 0; at <= stream.length; at += 1)
    assert.equal(decoded([stream.subarray(0, at), stream.subarray(at)]), want);
  assert.equal(decoded([...stream].map((byte) => Uint8Array.of(byte))), want);
});

test('a frame of more than 64 KiB', () => assert.equal(decoded([masked(2, long)]), long));

test('a frame without a mask is refused', () => {
  assert.throws(() => decoded([encodeWebSocketFrame(1, Buffer.from('not masked'))]), RangeError);
});
