import assert from 'node:assert/strict';
import test from 'node:test';
import { parsePortKey, parsePortRange, portList, portMap, portRequests } from './ports.ts';

test('keys and ranges', () => {
  assert.deepEqual(parsePortKey('80'), { port: 80, protocol: 'tcp' });
  assert.deepEqual(parsePortKey('53/UDP'), { port: 53, protocol: 'udp' });
  assert.deepEqual(parsePortRange(''), { first: 0, last: 0 });
  assert.deepEqual(parsePortRange('8000-8010'), { first: 8000, last: 8010 });
  for (const bad of ['0', 'x', '80/icmp', '70000'])
    assert.throws(() => parsePortKey(bad), { message: `invalid port specification: "${bad.split('/')[0]}"` });
  for (const bad of ['x', '10-5', '1-70000']) assert.throws(() => parsePortRange(bad), { kind: 'invalid' });
});

test('what is bound, and with -P what is exposed beside', () => {
  const config = { ExposedPorts: { '80/tcp': {}, '90/tcp': {} } };
  const bindings = { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: '8000-8001' }], '70/udp': [] };
  const bound = [
    { containerPort: 80, protocol: 'tcp', hostIp: '127.0.0.1', hostPort: 8000, hostPortEnd: 8001 },
    { containerPort: 70, protocol: 'udp', hostIp: '', hostPort: 0 },
  ];
  assert.deepEqual(portRequests(config, { PortBindings: bindings }), bound);
  assert.deepEqual(portRequests(config, { PortBindings: bindings, PublishAllPorts: true }), [
    ...bound,
    { containerPort: 90, protocol: 'tcp', hostIp: '', hostPort: 0 },
  ]);
});

test('as inspect and list show them', () => {
  const config = { ExposedPorts: { '80/tcp': {}, '90': {} } };
  const published = [{ containerPort: 80, protocol: 'tcp' as const, hostIp: '', hostPort: 8000 }];
  assert.deepEqual(portMap(config, published), {
    '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8000' }],
    '90/tcp': null,
  });
  assert.deepEqual(portList(config, published), [
    { IP: '0.0.0.0', PrivatePort: 80, PublicPort: 8000, Type: 'tcp' },
    { PrivatePort: 90, Type: 'tcp' },
  ]);
});
