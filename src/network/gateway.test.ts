import assert from 'node:assert/strict';
import test from 'node:test';
import { gatewayEndpoint, routeBy } from './gateway.ts';
import type { EndpointRecord, NetworkRecord } from './records.ts';

const bridge = { gateway: 0x0a010001 } as NetworkRecord['bridge'] & object;
const kinds: Readonly<Record<string, Partial<NetworkRecord>>> = {
  bridge: { bridge },
  beta: { bridge },
  alpha: { bridge },
  apart: { bridge, internal: true },
  none: {},
};
const networkOf = (name: string) => ({ name, internal: false, ...kinds[name] }) as NetworkRecord;

/** `name` or `name=priority`, in the order joined. */
const cases: readonly [joined: string, leads: string | undefined][] = [
  ['', undefined],
  ['none', undefined],
  ['apart', undefined],
  ['beta', 'beta'],
  ['beta alpha', 'alpha'],
  ['bridge alpha', 'alpha'],
  ['beta bridge', 'beta'],
  ['apart beta', 'beta'],
  ['apart=9 beta', 'beta'],
  ['alpha beta=1', 'beta'],
  ['alpha=-1 beta', 'beta'],
  ['alpha=2 beta=2 bridge=1', 'alpha'],
];
for (const [joined, leads] of cases)
  test(`of "${joined}" the default route goes by ${leads ?? 'none'}`, () => {
    const endpoints = joined
      .split(' ')
      .filter(Boolean)
      .map((text, position) => {
        const [networkId = '', priority = 0] = text.split('=');
        return { networkId, position, gatewayPriority: Number(priority) } as EndpointRecord;
      });
    assert.equal(gatewayEndpoint(endpoints, networkOf)?.networkId, leads);
  });

test('the route is by the interface of the endpoint', () => {
  assert.deepEqual(routeBy({ position: 2 } as EndpointRecord, networkOf('alpha')), {
    index: 18,
    gateway: 0x0a010001,
  });
  assert.equal(routeBy({ position: 0 } as EndpointRecord, networkOf('none')), undefined);
});
