import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PROTOCOL } from '../protocol.ts';
import { decodeExit, decodeMessages, decodeReport, encodeMessage, words32 } from './messages.ts';

test('messages come whole, whatever the chunks', () => {
  const sent = [
    encodeMessage(1, 7, words32(1, 2)),
    encodeMessage(2, 8, new Uint8Array()),
    encodeMessage(3, 9, Buffer.from('abc')),
  ];
  const bytes = Buffer.concat(sent);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const first = decodeMessages(bytes.subarray(0, cut));
    const second = decodeMessages(Buffer.concat([first.rest, bytes.subarray(cut)]));
    assert.deepEqual(
      [...first.messages, ...second.messages].map(({ type, id, body }) => [type, id, body.length]),
      [
        [1, 7, 8],
        [2, 8, 0],
        [3, 9, 3],
      ],
    );
    assert.equal(second.rest.length, 0);
  }
});

test('a length that no message has is refused', () => {
  assert.throws(() => decodeMessages(words32(PROTOCOL.MAX_MESSAGE + 1, 0, 0)), RangeError);
});

test('reports and exits', () => {
  const report = Buffer.concat([words32(36, 2), Buffer.from('/bin/foo\0')]);
  assert.deepEqual(decodeReport(report), { op: 36, errno: 2, detail: '/bin/foo' });
  const exit = Buffer.concat([words32(0, 137, 9, 0), Buffer.alloc(8)]);
  exit.writeBigInt64LE(1_700_000_000_123_456_789n, 16);
  assert.deepEqual(decodeExit(exit), {
    process: 0,
    exitCode: 137,
    signal: 9,
    exitedAt: new Date(1_700_000_000_123),
  });
});
