import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OP, PROTOCOL } from '../protocol.ts';
import { encodeTape, listTape, type Operation } from './tape.ts';

test('a tape is a header and padded operations', () => {
  const tape = encodeTape([
    ['UMASK', 0o022],
    ['HOSTNAME', 'web'],
    ['BOUNDING', -1n],
    ['SECCOMP', Uint8Array.of(1, 2, 3)],
  ]);
  const words = Array.from({ length: tape.length / 4 }, (_, index) => tape.readUInt32LE(index * 4));
  assert.deepEqual(words, [
    ...[PROTOCOL.TAPE_MAGIC, PROTOCOL.VERSION, 64, 0],
    ...[OP.UMASK, 4, 0o022, 0],
    ...[OP.HOSTNAME, 4, Buffer.from('web\0').readUInt32LE(), 0],
    ...[OP.BOUNDING, 8, 0xffffffff, 0xffffffff],
    ...[OP.SECCOMP, 3, 0x030201, 0],
  ]);
});

test('text is UTF-8 and negative numbers are two’s complement', () => {
  const tape = encodeTape([['OOM_SCORE', -999]]);
  assert.equal(tape.readInt32LE(24), -999);
  assert.equal(encodeTape([['HOSTNAME', 'ü']]).toString('utf8', 24, 26), 'ü');
});

test('an empty tape is its header', () => assert.equal(encodeTape([]).length, 16));

test('a listing has one line an operation', () => {
  const operations: Operation[] = [
    ['CGROUP', '/a b'],
    ['BOUNDING', 0xan],
    ['SECCOMP', new Uint8Array(8)],
    ['PIVOT'],
  ];
  assert.equal(listTape(operations), 'CGROUP "/a b"\nBOUNDING 0xa\nSECCOMP <8 bytes>\nPIVOT\n');
});
