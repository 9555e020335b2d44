import assert from 'node:assert/strict';
import test from 'node:test';
import { EngineError } from '#base/errors.ts';
import type { Networks } from '#network/networks.ts';
import { attachRequest, joinedNetworks } from './networking.ts';
import type { ContainerRecord } from './record.ts';

/** `front` is there, under its name and its id. */
const networks = {
  find: (reference: string) => {
    if (!['front', 'f00'].includes(reference)) throw new EngineError('notFound', reference);
    return { id: 'f00', name: 'front', driver: 'bridge' };
  },
} as Pick<Networks, 'find'>;

const a = { Aliases: ['a'] };
const cases: readonly [mode: string, asked: ContainerRecord['networks'] | null, want: object][] = [
  ['bridge', null, { bridge: {} }],
  ['bridge', { default: a }, { bridge: a }],
  ['front', {}, { front: {} }],
  ['front', { front: a }, { front: a }],
  ['f00', { f00: a }, { front: a }],
  ['f00', { front: a }, { front: a }],
  ['front', { back: a, front: {} }, { front: {}, back: a }],
  ['front', { back: {}, bridge: {} }, { front: {}, back: {}, bridge: {} }],
  ['nosuch', { nosuch: a }, { nosuch: a }],
  ['none', { front: a }, { none: {} }],
  ['host', { host: a }, { host: a }],
  ['container:web', { front: a }, {}],
];
for (const [mode, asked, want] of cases)
  test(`${mode} with ${JSON.stringify(asked)} joins ${JSON.stringify(want)}`, () => {
    const joined = joinedNetworks({ mode, asked }, networks);
    assert.deepEqual(joined, want);
    assert.deepEqual(Object.keys(joined), Object.keys(want), 'in the order of its interfaces');
  });

test('what is asked of each network', () => {
  const record = {
    id: 'x',
    config: { MacAddress: '02:00:00:00:00:01' },
    hostConfig: { NetworkMode: 'front', PortBindings: { '80/tcp': [{ HostPort: '8080' }] } },
    networks: {
      front: { IPAMConfig: { IPv4Address: '10.0.0.9' } },
      back: { Aliases: ['b'], MacAddress: '02:00:00:00:00:02', GwPriority: 1 },
    },
  } as unknown as ContainerRecord;
  assert.deepEqual(attachRequest(record), {
    containerId: 'x',
    networks: [
      { network: 'front', address: '10.0.0.9', macAddress: '02:00:00:00:00:01' },
      { network: 'back', aliases: ['b'], macAddress: '02:00:00:00:00:02', gatewayPriority: 1 },
    ],
    ports: [{ containerPort: 80, protocol: 'tcp', hostIp: '', hostPort: 8080 }],
  });
  const left = { ...record, networks: {} };
  assert.deepEqual(attachRequest(left)?.networks, [], 'a namespace of its own with nothing in it');
  const shared = { ...record, hostConfig: { NetworkMode: 'container:web' }, networks: {} };
  assert.equal(attachRequest(shared), undefined);
});
