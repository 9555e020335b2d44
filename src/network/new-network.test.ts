import assert from 'node:assert/strict';
import test from 'node:test';
import type { NetworkCreateRequest } from '#api/index.ts';
import { dockersPools } from './address-pool.ts';
import { parseRange } from './ipv4.ts';
import { newNetwork } from './new-network.ts';
import { networkView } from './wire.ts';

const around = {
  others: [],
  routes: [parseRange('172.17.0.0/16')!],
  links: { find: () => undefined },
  pools: dockersPools,
  now: new Date('2026-01-02T00:00:00Z'),
};
const other = newNetwork({ Name: 'other', IPAM: { Config: [{ Subnet: '10.9.0.0/24' }] } }, around);
const make = (request: NetworkCreateRequest) =>
  networkView(newNetwork(request, { ...around, others: [other.bridge!] }), []);

test('a network that asks for nothing', () => {
  const { Id, ...rest } = make({ Name: 'web' });
  assert.match(Id, /^[\da-f]{64}$/);
  assert.deepEqual(rest, {
    Name: 'web',
    Created: '2026-01-02T00:00:00.000Z',
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: {}, Config: [{ Subnet: '172.18.0.0/16', Gateway: '172.18.0.1' }] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    ConfigFrom: { Network: '' },
    ConfigOnly: false,
    Containers: {},
    Options: {},
    Labels: {},
  });
});

test('a network that asks for its addresses', () => {
  const config = {
    Subnet: '10.1.0.0/24',
    IPRange: '10.1.0.128/25',
    Gateway: '10.1.0.254',
    AuxiliaryAddresses: { nas: '10.1.0.9' },
  };
  assert.deepEqual(make({ Name: 'web', IPAM: { Config: [config] } }).IPAM.Config, [config]);
});

const refused: [string, NetworkCreateRequest, string, string | RegExp][] = [
  ['a name with a space', { Name: 'a b' }, 'invalid', 'invalid network name: "a b"'],
  ['an unknown driver', { Name: 'a', Driver: 'x' }, 'notFound', 'plugin "x" not found'],
  [
    'a second host network',
    { Name: 'a', Driver: 'host' },
    'forbidden',
    'only one instance of "host" network is allowed',
  ],
  [
    'a subnet that another has',
    { Name: 'a', IPAM: { Config: [{ Subnet: '10.9.0.0/16' }] } },
    'forbidden',
    'invalid pool request: Pool overlaps with other one on this address space',
  ],
  [
    'a subnet with host bits',
    { Name: 'a', IPAM: { Config: [{ Subnet: '10.1.0.1/24' }] } },
    'invalid',
    'invalid subnet 10.1.0.1/24: it should be 10.1.0.0/24',
  ],
  [
    'a gateway elsewhere',
    { Name: 'a', IPAM: { Config: [{ Subnet: '10.1.0.0/24', Gateway: '10.2.0.1' }] } },
    'invalid',
    'no matching subnet for gateway 10.2.0.1',
  ],
  ['no address', { Name: 'a', IPAM: { Config: [{ Subnet: 'x' }] } }, 'invalid', 'invalid CIDR address: x'],
  ['IPv6', { Name: 'a', EnableIPv6: true }, 'unsupported', /IPv6/],
];
for (const [name, request, kind, message] of refused)
  test(`${name} is refused`, () => assert.throws(() => make(request), { kind, message }));
