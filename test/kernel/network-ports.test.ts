import assert from 'node:assert/strict';
import test from 'node:test';
import { nr, sys } from '#linux/index.ts';
import { Database } from '#state/index.ts';
import { openHost, port, startContainer, talk } from './network-fixture.ts';
import { TestSocket } from './network-namespaces.ts';

const published = (ports: readonly { hostIp: string; hostPort: number; containerPort: number }[]) =>
  ports.map(({ hostIp, hostPort, containerPort }) => `${hostIp} ${hostPort} ${containerPort}`);

/** Whether a program of the host can have a port for itself. */
function canBind(ip: string, hostPort: number, type = 1): boolean {
  const fd = sys(nr.socket, 2, type | 0o2000000, 0);
  const address = Buffer.alloc(16);
  address.writeUInt16LE(2, 0);
  address.writeUInt16BE(hostPort, 2);
  address.set(ip.split('.').map(Number), 4);
  const result = sys(nr.bind, fd, address, 16);
  sys(nr.close, fd);
  return result === 0;
}

test('a published port is kept from every program of the host, until it is given back', async () => {
  await using host = await openHost();
  using web = await host.container('web', { ports: [port('8080:80'), port('5353:53/udp')] });
  assert.deepEqual(published(web.sandbox.ports), [
    '0.0.0.0 8080 80',
    ':: 8080 80',
    '0.0.0.0 5353 53',
    ':: 5353 53',
  ]);
  assert.equal(canBind('0.0.0.0', 8080), false);
  assert.equal(canBind('127.0.0.1', 8080), false);
  assert.equal(canBind('0.0.0.0', 5353, 2), false);
  await host.networks.release(web.id);
  assert.equal(canBind('0.0.0.0', 8080), true);
  assert.equal(canBind('0.0.0.0', 5353, 2), true);
});

test("another container's port is refused, and nothing is taken", async () => {
  await using host = await openHost();
  await host.networks.attach({
    containerId: 'a'.repeat(64),
    networks: [{ network: 'bridge' }],
    ports: [port('8080:80')],
  });
  const failed = host.networks.attach({
    containerId: 'b'.repeat(64),
    networks: [{ network: 'bridge' }],
    ports: [port('9090:80'), port('127.0.0.1:8080:80')],
  });
  await assert.rejects(failed, {
    kind: 'conflict',
    message:
      /^driver failed programming external connectivity on endpoint bbbbbbbbbbbb \([\da-f]{64}\): Bind for 127\.0\.0\.1:8080 failed: port is already allocated$/,
  });
  assert.equal(canBind('0.0.0.0', 9090), true);
  const next = await host.networks.attach({
    containerId: 'c',
    networks: [{ network: 'bridge' }],
    ports: [port('9090:80')],
  });
  assert.equal(next.endpoints[0]?.address, '172.17.0.3');
});

test('the message names the container', async () => {
  const database = new Database(':memory:');
  database.run(
    `INSERT INTO container (id, name, status, image_id, created_at, record, state)
     VALUES ('one', 'web', 'created', 'image', '2026', '{}', '{}')`,
  );
  await using host = await openHost({ database });
  using _taken = TestSocket.listening('tcp', host.namespace, 80);
  const failed = host.networks.attach({
    containerId: 'one',
    networks: [{ network: 'bridge' }],
    ports: [port('80:80')],
  });
  await assert.rejects(failed, {
    kind: 'conflict',
    message:
      /^driver failed programming external connectivity on endpoint web \([\da-f]{64}\): failed to bind host port for 0\.0\.0\.0:80:172\.17\.0\.2:80\/tcp: address already in use$/,
  });
});

test('an address that the host does not have is refused', async () => {
  await using host = await openHost();
  const failed = host.networks.attach({
    containerId: 'x',
    networks: [{ network: 'bridge' }],
    ports: [port('198.51.100.1:80:80')],
  });
  await assert.rejects(failed, {
    message: /failed to bind host port for 198\.51\.100\.1:80:.*: cannot assign requested address$/,
  });
});

test('one port on several addresses, and both protocols on one port', async () => {
  await using host = await openHost();
  const first = await host.networks.attach({
    containerId: 'a',
    networks: [{ network: 'bridge' }],
    ports: [port('127.0.0.1:53:53'), port('172.17.0.1:53:53'), port('127.0.0.1:53:53/udp')],
  });
  assert.deepEqual(published(first.ports), ['127.0.0.1 53 53', '172.17.0.1 53 53', '127.0.0.1 53 53']);
});

test('any free port is one that programs are not given by chance twice', async () => {
  await using host = await openHost();
  using _taken = TestSocket.listening('tcp', host.namespace, 32769);
  const some = await host.networks.attach({
    containerId: 'a',
    networks: [{ network: 'bridge' }],
    ports: [port(':80'), port(':81'), port(':82')],
  });
  assert.deepEqual(
    some.ports.filter(({ hostIp }) => hostIp === '0.0.0.0').map(({ hostPort }) => hostPort),
    [32768, 32770, 32771],
  );
});

test('of a range the first that is free', async () => {
  await using host = await openHost();
  const attach = async (containerId: string) => {
    const sandbox = await host.networks.attach({
      containerId,
      networks: [{ network: 'bridge' }],
      ports: [port('8000-8002:80')],
    });
    return sandbox.ports[0]?.hostPort;
  };
  using _taken = TestSocket.listening('tcp', host.namespace, 8001);
  assert.equal(await attach('a'), 8000);
  assert.equal(await attach('b'), 8002);
  await assert.rejects(attach('c'), { message: /all ports are allocated$/ });
});

test('a thousand ports', async () => {
  await using host = await openHost();
  const ports = Array.from({ length: 1000 }, (_, at) => port(`${10_000 + at}:${at + 1}`));
  using many = await host.container('many', { ports });
  using server = TestSocket.listening('tcp', many.namespace, 1000);
  await talk(host.namespace, ['127.0.0.1', 10_999], server);
  await host.networks.release('many');
  assert.equal(canBind('0.0.0.0', 10_999), true);
});

test('addresses: the lowest that is free, until there is none', async () => {
  await using host = await openHost({ bridge: { address: '10.5.0.1/29' } });
  const attach = async (containerId: string) =>
    (await host.networks.attach({ containerId, networks: [{ network: 'bridge' }], ports: [] })).endpoints[0]
      ?.address;
  const given = [];
  for (const id of ['a', 'b', 'c', 'd', 'e']) given.push(await attach(id));
  assert.deepEqual(given, ['10.5.0.2', '10.5.0.3', '10.5.0.4', '10.5.0.5', '10.5.0.6']);
  const { Id } = await host.networks.directory.inspect('bridge');
  await assert.rejects(attach('f'), {
    message: `no available IPv4 addresses on this network's address pools: bridge (${Id})`,
  });
  await host.networks.release('c');
  assert.equal(await attach('f'), '10.5.0.4');
});

test("a user's own network gives the address that is asked for, the default one does not", async () => {
  await using host = await openHost();
  await host.networks.directory.create({ Name: 'own', IPAM: { Config: [{ Subnet: '10.7.0.0/24' }] } });
  const attach = (containerId: string, network: string, address: string) =>
    host.networks.attach({
      containerId,
      networks: [{ network, address, macAddress: '02:00:00:00:00:AA' }],
      ports: [],
    });
  const [endpoint] = (await attach('a', 'own', '10.7.0.77')).endpoints;
  assert.deepEqual([endpoint?.address, endpoint?.macAddress], ['10.7.0.77', '02:00:00:00:00:aa']);
  await assert.rejects(attach('b', 'own', '10.7.0.77'), {
    kind: 'forbidden',
    message: 'Address already in use',
  });
  await assert.rejects(attach('b', 'bridge', '172.17.0.9'), {
    kind: 'invalid',
    message: /supported on user defined networks only$/,
  });
  await assert.rejects(attach('b', 'nowhere', ''), {
    kind: 'notFound',
    message: 'network nowhere not found',
  });
});

test('networks of users: apart from others, inspected, in use, removed', async () => {
  await using host = await openHost();
  const { directory } = host.networks;
  const { Id } = await directory.create({ Name: 'own' });
  using inOwn = await startContainer(host.networks, 'one', { networks: [{ network: 'own' }] });
  using inDefault = await host.container('two', { ports: [port('8080:80')] });
  using server = TestSocket.listening('tcp', inDefault.namespace, 80);
  using own = TestSocket.listening('tcp', inOwn.namespace, 80);
  assert.equal(inOwn.address, '172.18.0.2');
  await talk(host.namespace, [inOwn.address, 80], own);
  using client = TestSocket.open('tcp', inOwn.namespace);
  assert.notEqual(await client.connect(inDefault.address, 80), 0);
  await talk(inOwn.namespace, ['172.17.0.1', 8080], server);

  const { Containers } = await directory.inspect(Id.slice(0, 8));
  assert.deepEqual(
    Object.values(Containers).map(({ Name, IPv4Address }) => [Name, IPv4Address]),
    [['one', '172.18.0.2/16']],
  );
  assert.deepEqual(
    (await directory.list()).map(({ Name }) => Name),
    ['bridge', 'host', 'none', 'own'],
  );
  await assert.rejects(directory.create({ Name: 'own' }), {
    kind: 'conflict',
    message: 'network with name own already exists',
  });
  await assert.rejects(directory.remove('own'), {
    kind: 'forbidden',
    message:
      /^error while removing network: network own has active endpoints \(name:"one" id:"[\da-f]{12}"\)$/,
  });
  await assert.rejects(directory.remove('host'), {
    kind: 'forbidden',
    message: 'host is a pre-defined network and cannot be removed',
  });
  await host.networks.release('one');
  assert.deepEqual(await directory.prune(), { NetworksDeleted: ['own'] });
  await assert.rejects(directory.inspect('own'), { kind: 'notFound', message: 'network own not found' });
});
