import assert from 'node:assert/strict';
import test from 'node:test';
import {
  contains,
  formatAddress,
  formatRange,
  lastOf,
  macOf,
  networkOf,
  overlap,
  parseAddress,
  parseRange,
} from './ipv4.ts';

const addresses: [string, number | undefined][] = [
  ['0.0.0.0', 0],
  ['172.17.0.2', 0xac110002],
  ['255.255.255.255', 0xffffffff],
  ['256.0.0.1', undefined],
  ['1.2.3', undefined],
  ['01.2.3.4', undefined],
  ['1.2.3.4 ', undefined],
  ['::1', undefined],
  ['', undefined],
];
for (const [text, want] of addresses)
  test(`the address ${JSON.stringify(text)}`, () => {
    assert.equal(parseAddress(text), want);
    if (want !== undefined) assert.equal(formatAddress(want), text);
  });

const ranges: [string, string | undefined, string | undefined][] = [
  ['172.17.0.1/16', '172.17.0.0/16', '172.17.255.255'],
  ['10.0.0.5/30', '10.0.0.4/30', '10.0.0.7'],
  ['10.0.0.5/32', '10.0.0.5/32', '10.0.0.5'],
  ['200.0.0.1/0', '0.0.0.0/0', '255.255.255.255'],
  ['10.0.0.5/33', undefined, undefined],
  ['10.0.0.5', undefined, undefined],
];
for (const [text, network, last] of ranges)
  test(`the range ${text}`, () => {
    const range = parseRange(text);
    assert.equal(range && formatRange(networkOf(range)), network);
    assert.equal(range && formatAddress(lastOf(range)), last);
  });

const meetings: [string, string, boolean][] = [
  ['172.17.0.0/16', '172.17.3.0/24', true],
  ['172.17.3.0/24', '172.17.0.0/16', true],
  ['172.17.0.0/16', '172.18.0.0/16', false],
  ['0.0.0.0/0', '10.0.0.0/8', true],
];
for (const [a, b, want] of meetings)
  test(`${a} and ${b} ${want ? 'overlap' : 'do not overlap'}`, () =>
    assert.equal(overlap(parseRange(a)!, parseRange(b)!), want));

test('a range contains its addresses and no other', () => {
  assert.equal(contains(parseRange('10.1.0.0/16')!, parseAddress('10.1.255.255')!), true);
  assert.equal(contains(parseRange('10.1.0.0/16')!, parseAddress('10.2.0.0')!), false);
});

test("a MAC address is its IPv4 address's", () =>
  assert.equal(macOf(parseAddress('172.17.0.2')!), '02:42:ac:11:00:02'));
