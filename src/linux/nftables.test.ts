import assert from 'node:assert/strict';
import test from 'node:test';
import { addChain, addElements, addRule, addSet, addTable, FIELD, transaction } from './nftables.ts';
import { drop, inSet, loadMeta, masquerade, startsWith } from './nftables-expressions.ts';

const header = (length: string, type: string, flags: string) =>
  `${length} ${type} ${flags} 00000000 00000000 02 00 0000`;
const table = '0600 0100 7400 0000';

const requests: [string, Uint8Array, string][] = [
  ['a table', addTable('t'), `${header('1c000000', '000a', '0104')} ${table}`],
  [
    'a chain',
    addChain('t', { name: 'c', type: 'nat', hook: 'prerouting', priority: -100 }),
    `${header('40000000', '030a', '0104')} ${table}
     0600 0300 6300 0000
     1400 0480 0800 0100 00000000 0800 0200 ffffff9c
     0800 0700 6e617400`,
  ],
  [
    'a map',
    addSet('t', { name: 'm', key: [FIELD.protocol, FIELD.port], value: [FIELD.address, FIELD.port] }),
    `${header('54000000', '090a', '0104')} ${table}
     0600 0200 6d00 0000
     0800 0300 00000008
     0800 0400 0000030d
     0800 0500 00000008
     0800 0a00 00000001
     0800 0600 000001cd
     0800 0700 00000008`,
  ],
  [
    'a rule that masquerades',
    addRule('t', 'c', loadMeta('outputName'), inSet('s', { not: true }), masquerade()),
    `${header('8c000000', '060a', '010c')} ${table}
     0600 0200 6300 0000
     6800 0480
       2400 0180 0900 0100 6d65746100 000000 1400 0280 0800 0200 00000007 0800 0100 00000008
       2c00 0180 0b00 0100 6c6f6f6b757000 00 1c00 0280 0800 0200 00000008 0600 0100 7300 0000 0800 0500 00000001
       1400 0180 0900 0100 6d61737100 000000 0400 0280`,
  ],
  [
    'a rule that drops',
    addRule('t', 'c', ...startsWith('destination', 127), drop()),
    `${header('b8000000', '060a', '010c')} ${table}
     0600 0200 6300 0000
     9400 0480
       3400 0180 0c00 0100 7061796c6f616400 2400 0280
         0800 0100 00000008 0800 0200 00000001 0800 0300 00000010 0800 0400 00000001
       2c00 0180 0800 0100 636d7000 2000 0280
         0800 0100 00000008 0800 0200 00000000 0c00 0380 0500 0100 7f000000
       3000 0180 0e00 0100 696d6d65646961746500 0000 1c00 0280
         0800 0100 00000000 1000 0280 0c00 0280 0800 0100 00000000`,
  ],
];
for (const [name, bytes, want] of requests)
  test(name, () => assert.equal(Buffer.from(bytes).toString('hex'), want.replace(/\s/g, '')));

test('an element of a map', () => {
  const element = {
    key: Buffer.from('060000001f900000', 'hex'),
    value: Buffer.from('ac11000200500000', 'hex'),
  };
  const want = `${header('4c000000', '0c0a', '0104')} ${table}
     0600 0200 6d00 0000
     2800 0380 2400 0180
       1000 0180 0c00 0100 060000001f900000
       1000 0280 0c00 0100 ac11000200500000`;
  assert.deepEqual(
    addElements('t', 'm', [element]).map((bytes) => bytes.toString('hex')),
    [want.replace(/\s/g, '')],
  );
});

test('many elements are several messages, each within what an attribute can hold', () => {
  const messages = addElements(
    't',
    'm',
    Array.from({ length: 1200 }, (_, at) => ({ key: Buffer.of(at >> 8, at & 0xff) })),
  );
  assert.equal(messages.length, 3);
  assert.ok(messages.every(({ length }) => length < 65536));
});

test('a transaction has a beginning and an end that name nftables', () => {
  const bytes = transaction([addTable('t')]).toString('hex');
  assert.ok(bytes.startsWith('1400000010000100000000000000000000' + '00000a'));
  assert.ok(bytes.endsWith('1400000011000100000000000000000000' + '00000a'));
});
