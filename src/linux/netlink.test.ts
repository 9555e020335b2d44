import assert from 'node:assert/strict';
import test from 'node:test';
import {
  attribute,
  message,
  nested,
  outcomeOf,
  readAttributes,
  readMessages,
  text,
  u32,
  u32be,
} from './netlink.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test('an attribute is padded, its length is not', () => {
  assert.equal(hex(text(3, 'br0')), '0800030062723000');
  assert.equal(hex(text(3, 'eth0')), '090003006574683000000000');
  assert.equal(hex(u32(4, 1500)), '08000400dc050000');
  assert.equal(hex(u32be(1, 0xac110002)), '08000100ac110002');
});

test('nested attributes say so', () => assert.equal(hex(nested(18, u32(1, 2))), '0c0012800800010002000000'));

test('messages of one datagram are read back, a cut-off one is not', () => {
  const first = message({ type: 16, flags: 5, sequence: 7, body: Buffer.from('abc') });
  const second = message({ type: 17, flags: 1, body: Buffer.alloc(0) });
  const datagram = Buffer.concat([first, second]);
  const all = [...readMessages(datagram)].map(({ type, flags, sequence, body }) => [
    type,
    flags,
    sequence,
    `${body}`,
  ]);
  assert.deepEqual(all, [
    [16, 5, 7, 'abc'],
    [17, 1, 0, ''],
  ]);
  for (let length = 0; length < datagram.length; length += 1)
    assert.equal([...readMessages(datagram.subarray(0, length))].length, length < 19 ? 0 : 1);
});

test('attributes are read after a fixed struct, and up to what is broken', () => {
  const body = Buffer.concat([
    Buffer.alloc(16),
    text(3, 'lo'),
    nested(18, u32(1, 2)),
    Buffer.from('ff000100', 'hex'),
  ]);
  const attributes = readAttributes(body, 16);
  assert.deepEqual([...attributes.keys()], [3, 18]);
  assert.equal(attributes.get(3)?.toString(), 'lo\0');
  assert.equal(readAttributes(attributes.get(18)!).get(1)?.readUInt32LE(0), 2);
});

test('an acknowledgement, a failure with its reason, the end of a dump, data', () => {
  const request = Buffer.alloc(16);
  const reply = (errno: number, flags: number, ...more: Buffer[]) => {
    const code = Buffer.alloc(4);
    code.writeInt32LE(-errno);
    return { type: 2, flags, body: Buffer.concat([code, request, ...more]) };
  };
  assert.deepEqual(outcomeOf(reply(0, 0)), { errno: 0 });
  assert.deepEqual(outcomeOf(reply(22, 0x300, attribute(1, Buffer.from('no such\0')))), {
    errno: 22,
    reason: 'no such',
  });
  assert.deepEqual(outcomeOf({ type: 3, flags: 2, body: Buffer.alloc(4) }), { errno: 0 });
  assert.equal(outcomeOf({ type: 16, flags: 2, body: Buffer.alloc(4) }), undefined);
});
