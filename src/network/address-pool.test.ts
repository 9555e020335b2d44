import assert from 'node:assert/strict';
import test from 'node:test';
import { AddressPool, dockersPools, freeSubnet } from './address-pool.ts';
import { formatAddress, formatRange, parseAddress, parseRange } from './ipv4.ts';

const range = (text: string) => parseRange(text)!;
const pool = (subnet: string, reserved: readonly string[] = [], part = subnet) =>
  new AddressPool(
    range(part),
    range(subnet),
    reserved.map((text) => parseAddress(text)!),
  );

function takeAll(from: AddressPool): string[] {
  const taken: string[] = [];
  for (let address = from.next(); address !== undefined; address = from.next()) {
    from.take(address);
    taken.push(formatAddress(address));
  }
  return taken;
}

test("the gateway and the ends of the subnet are nobody's", () =>
  assert.deepEqual(takeAll(pool('10.0.0.0/29', ['10.0.0.1'])), [
    '10.0.0.2',
    '10.0.0.3',
    '10.0.0.4',
    '10.0.0.5',
    '10.0.0.6',
  ]));

test('a part of the subnet', () =>
  assert.deepEqual(takeAll(pool('10.0.0.0/24', ['10.0.0.1'], '10.0.0.252/30')), [
    '10.0.0.252',
    '10.0.0.253',
    '10.0.0.254',
  ]));

test('a subnet of two addresses has no ends to spare', () =>
  assert.deepEqual(takeAll(pool('10.0.0.0/31', ['10.0.0.0'])), ['10.0.0.1']));

test('what is given back is next again, lowest first', () => {
  const addresses = pool('10.0.0.0/29', ['10.0.0.1']);
  takeAll(addresses);
  for (const text of ['10.0.0.5', '10.0.0.3']) addresses.give(parseAddress(text)!);
  assert.deepEqual(takeAll(addresses), ['10.0.0.3', '10.0.0.5']);
});

test('an address that was asked for is passed over', () => {
  const addresses = pool('10.0.0.0/29', ['10.0.0.1']);
  addresses.take(parseAddress('10.0.0.2')!);
  assert.equal(addresses.isTaken(parseAddress('10.0.0.2')!), true);
  assert.equal(addresses.next(), parseAddress('10.0.0.3'));
});

const subnets: [string, readonly string[], string | undefined][] = [
  ["Docker's first", [], '172.17.0.0/16'],
  ['past what a route covers in part', ['172.17.5.0/24'], '172.18.0.0/16'],
  ['past what a route covers and more', ['172.16.0.0/12'], '192.168.0.0/20'],
  ['none', ['0.0.0.0/0'], undefined],
];
for (const [name, used, want] of subnets)
  test(`a free subnet: ${name}`, () => {
    const found = freeSubnet(dockersPools, used.map(range));
    assert.equal(found && formatRange(found), want);
  });
