import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import test, { after, before } from 'node:test';
import type { Endpoint, RunningContainer } from '#network/index.ts';
import { openHost, port, type TestContainer, type TestHost, talk, unreachable } from './network-fixture.ts';
import { type Namespace, TestSocket } from './network-namespaces.ts';

/**
 * Networks of a container that runs, in this kernel. All tests are on one host: where this process' sockets for other
 * namespaces come back to is looked up once.
 */
let host: TestHost;
const skip = process.getuid?.() === 0 ? false : 'needs root';

before(async () => {
  if (skip !== false) return;
  host = await openHost();
  for (const [Name, Subnet, Internal] of [
    ['alpha', '10.1.0.0/24', false],
    ['beta', '10.2.0.0/24', false],
    ['apart', '10.3.0.0/24', true],
  ] as const)
    await host.networks.directory.create({ Name, Internal, IPAM: { Config: [{ Subnet }] } });
});
after(async () => host?.[Symbol.asyncDispose]());

/** What the host and the container have: links, addresses, routes. */
const ip = (namespace: Namespace, ...args: string[]): string =>
  namespace.run(() => execFileSync('ip', ['-o', ...args], { encoding: 'utf8' }));
const addresses = ({ namespace }: TestContainer): string[] =>
  [...ip(namespace, '-4', 'addr').matchAll(/(eth\d+) +inet ([\d.]+)/g)].map(
    ([, name, it]) => `${name} ${it}`,
  );
const defaultRoute = ({ namespace }: TestContainer): string =>
  ip(namespace, 'route', 'show', 'default').trim().replace(/ +/g, ' ');
/** Names of links: those of containers that have ended may still be going. */
const links = (): ReadonlySet<string> =>
  new Set(ip(host.namespace, '-o', 'link', 'show', 'type', 'veth').match(/(?<=^\d+: )[^@:]+/gm));

/** How many there are that were not. */
const added = (before: ReadonlySet<string>): number => links().difference(before).size;

/** A container, and how its addresses were told. */
async function running(
  id: string,
  networks: readonly string[],
  ports: readonly string[] = [],
): Promise<TestContainer & { readonly told: string[]; readonly as: RunningContainer }> {
  const publishes = ports.map(port);
  const container = await host.container(id, {
    networks: networks.map((network) => ({ network })),
    ports: publishes,
  });
  const told: string[] = [];
  const text = (endpoints: readonly Endpoint[]) => endpoints.map(({ address }) => address).join(' ');
  const as = {
    containerId: id,
    ports: publishes,
    namespace: container.namespace.fd,
    follow: (from: readonly Endpoint[], to: readonly Endpoint[]) =>
      void told.push(`${text(from)} > ${text(to)}`),
  };
  return {
    ...container,
    told,
    as,
    [Symbol.dispose]: () => {
      void host.networks.release(id);
      container[Symbol.dispose]();
    },
  };
}
const idOf = (network: string) => host.networks.find(network).id;

test('an interface comes and goes, and passes packets at once', { skip }, async () => {
  using web = await running('web', ['beta']);
  using peer = await running('peer', ['apart']);
  using server = TestSocket.listening('tcp', web.namespace, 80);
  const before = links();
  await unreachable(peer.namespace, [web.address, 80]);
  await host.networks.connect(web.as, {
    network: 'apart',
    address: '10.3.0.77',
    macAddress: '02:00:00:00:00:0a',
  });
  assert.deepEqual(addresses(web), ['eth0 10.2.0.2', 'eth1 10.3.0.77']);
  assert.match(ip(web.namespace, 'link', 'show', 'eth1'), /02:00:00:00:00:0a/);
  assert.equal(added(before), 1);
  assert.equal(await talk(peer.namespace, ['10.3.0.77', 80], server), peer.address);
  assert.deepEqual(web.told, ['10.2.0.2 > 10.2.0.2 10.3.0.77']);
  const { Containers } = await host.networks.directory.inspect('apart');
  assert.deepEqual(Object.keys(Containers).sort(), ['peer', 'web']);

  await host.networks.disconnect(web.as, idOf('apart'));
  assert.deepEqual(addresses(web), ['eth0 10.2.0.2']);
  assert.equal(added(before), 0);
  assert.deepEqual(
    host.networks.sandboxOf('web').endpoints.map(({ networkName }) => networkName),
    ['beta'],
  );
  await host.networks.disconnect(web.as, idOf('apart'));
  await host.networks.connect(web.as, { network: 'apart', address: '10.3.0.77' });
});

/** What is joined and left in turn, and the interface of the default route after each. */
const routes: readonly [name: string, start: readonly string[], steps: readonly [string, string][]][] = [
  [
    'the network whose name comes first',
    ['beta'],
    [
      ['+apart', '10.2.0.1 dev eth0'],
      ['+alpha', '10.1.0.1 dev eth2'],
      ['-beta', '10.1.0.1 dev eth2'],
      ['-alpha', ''],
      ['+beta', '10.2.0.1 dev eth0'],
    ],
  ],
  [
    'the highest priority',
    ['alpha'],
    [
      ['+beta=1', '10.2.0.1 dev eth1'],
      ['+bridge=2', '172.17.0.1 dev eth2'],
      ['-bridge', '10.2.0.1 dev eth1'],
      ['-beta', '10.1.0.1 dev eth0'],
    ],
  ],
  ['at the start too', ['beta', 'apart', 'alpha'], [['-alpha', '10.2.0.1 dev eth0']]],
  ['none, and then one', [], [['+alpha', '10.1.0.1 dev eth0']]],
];
for (const [name, start, steps] of routes)
  test(`the default route goes by ${name}`, { skip }, async () => {
    using web = await running('web', start);
    for (const [step, want] of steps) {
      const [network = '', priority = '0'] = step.slice(1).split('=');
      if (step.startsWith('+'))
        await host.networks.connect(web.as, { network, gatewayPriority: Number(priority) });
      else await host.networks.disconnect(web.as, idOf(network));
      assert.equal(defaultRoute(web), want && `default via ${want}`, step);
    }
  });

test('a default route of the container’s own making stays while its network leads', { skip }, async () => {
  using web = await running('web', ['alpha']);
  ip(web.namespace, 'route', 'replace', 'default', 'via', '10.1.0.99', 'dev', 'eth0');
  await host.networks.connect(web.as, { network: 'beta' });
  assert.equal(defaultRoute(web), 'default via 10.1.0.99 dev eth0');
  await host.networks.disconnect(web.as, idOf('beta'));
  assert.equal(defaultRoute(web), 'default via 10.1.0.99 dev eth0');
});

test('published ports go by the network of the default route, and stay the same', { skip }, async () => {
  using web = await running('web', ['apart'], ['8080:80', ':81']);
  const shown = () => host.networks.sandboxOf('web').ports.map(({ hostPort }) => hostPort);
  assert.deepEqual(shown(), [], 'an internal network carries none');
  using server = TestSocket.listening('tcp', web.namespace, 80);
  await unreachable(host.namespace, ['127.0.0.1', 8080]);
  await host.networks.connect(web.as, { network: 'beta' });
  const ports = shown();
  assert.equal(ports.length, 4);
  await talk(host.namespace, ['127.0.0.1', 8080], server);
  const rules = () => execFileSync('nft', ['list', 'ruleset'], { encoding: 'utf8' });
  assert.match(rules(), /tcp \. 8080 : 10\.2\.0\.2 \. 80/);
  await host.networks.connect(web.as, { network: 'alpha' });
  assert.match(rules(), /tcp \. 8080 : 10\.1\.0\.2 \. 80/);
  assert.deepEqual(shown(), ports);
  await talk(host.namespace, ['127.0.0.1', 8080], server);
  await talk(host.namespace, ['::1', 8080], server);
  await host.networks.disconnect(web.as, idOf('alpha'));
  assert.match(rules(), /tcp \. 8080 : 10\.2\.0\.2 \. 80/);
  await talk(host.namespace, ['127.0.0.1', 8080], server);
  await host.networks.disconnect(web.as, idOf('beta'));
  assert.deepEqual(shown(), []);
  assert.doesNotMatch(rules(), /8080/);
  using _free = TestSocket.listening('tcp', host.namespace, 8080);
});

test('what cannot be had leaves everything as it was', { skip }, async () => {
  using _other = TestSocket.listening('tcp', host.namespace, 8080);
  using peer = await running('peer', ['beta']);
  using web = await running('web', ['apart'], ['8080:80']);
  await host.networks.directory.create({ Name: 'chosen' });
  const before = links();
  const attempts: readonly [string, Partial<Record<'address', string>>, object][] = [
    [
      'beta',
      {},
      { kind: 'conflict', message: /^driver failed programming external connectivity on endpoint/ },
    ],
    ['beta', { address: peer.address }, { kind: 'forbidden', message: 'Address already in use' }],
    ['beta', { address: '10.2.0.1' }, { kind: 'forbidden', message: 'Address already in use' }],
    ['beta', { address: '10.2.0.255' }, { kind: 'forbidden', message: 'Address already in use' }],
    ['apart', {}, { kind: 'forbidden', message: 'endpoint with name web already exists in network apart' }],
    ['chosen', { address: '172.18.0.9' }, { kind: 'invalid', message: /user configured subnets$/ }],
    ['nowhere', {}, { kind: 'notFound', message: 'network nowhere not found' }],
  ];
  for (const [network, wanted, refusal] of attempts) {
    await assert.rejects(host.networks.connect(web.as, { network, ...wanted }), refusal);
    assert.deepEqual(addresses(web), ['eth0 10.3.0.2']);
    assert.equal(added(before), 0);
    assert.deepEqual(host.networks.unfinished('web'), []);
  }
});

test('a name and an index that the container has given away are passed over', { skip }, async () => {
  using web = await running('web', ['alpha']);
  ip(web.namespace, 'link', 'add', 'eth1', 'type', 'bridge');
  ip(web.namespace, 'link', 'add', 'own', 'index', '18', 'type', 'bridge');
  await host.networks.connect(web.as, { network: 'beta' });
  assert.deepEqual(addresses(web), ['eth0 10.1.0.2', 'eth3 10.2.0.2']);
});

test('a container that has taken its own interface down can leave all the same', { skip }, async () => {
  using web = await running('web', ['alpha', 'beta']);
  ip(web.namespace, 'link', 'delete', 'eth0');
  ip(web.namespace, 'addr', 'flush', 'dev', 'eth1');
  await host.networks.disconnect(web.as, idOf('alpha'));
  assert.deepEqual(
    host.networks.sandboxOf('web').endpoints.map(({ networkName }) => networkName),
    ['beta'],
  );
});

test('two that join at once get an address each; a network that is being removed gets nobody', {
  skip,
}, async () => {
  using one = await running('one', ['alpha']);
  using two = await running('two', ['alpha']);
  await Promise.all([one, two].map(({ as }) => host.networks.connect(as, { network: 'beta' })));
  assert.deepEqual(
    [one, two].map((it) => addresses(it)[1]),
    ['eth1 10.2.0.2', 'eth1 10.2.0.3'],
  );
  await host.networks.directory.create({ Name: 'short', IPAM: { Config: [{ Subnet: '10.4.0.0/24' }] } });
  const removed = host.networks.directory.remove('short');
  await assert.rejects(host.networks.connect(one.as, { network: 'short' }), { kind: 'notFound' });
  await removed;
});
