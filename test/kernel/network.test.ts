import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openHost, port, talk, talkUdp, unreachable } from './network-fixture.ts';
import { cable, Namespace, TestSocket } from './network-namespaces.ts';

const links = (): string[] => execFileSync('ip', ['-br', 'link'], { encoding: 'utf8' }).match(/^\S+/gm) ?? [];
const tables = (): string => execFileSync('nft', ['list', 'tables'], { encoding: 'utf8' });

test('a container reaches the host, and the host the container', async () => {
  await using host = await openHost();
  using web = await host.container('web');
  assert.equal(web.address, '172.17.0.2');
  using inside = TestSocket.listening('tcp', web.namespace, 80);
  using outside = TestSocket.listening('tcp', host.namespace, 81);
  assert.equal(await talk(host.namespace, [web.address, 80], inside), '172.17.0.1');
  assert.equal(await talk(web.namespace, ['172.17.0.1', 81], outside), web.address);
});

test('containers reach one another, and their own loopback', async () => {
  await using host = await openHost();
  using one = await host.container('one');
  using two = await host.container('two');
  using server = TestSocket.listening('tcp', two.namespace, 80);
  assert.equal(await talk(one.namespace, [two.address, 80], server), one.address);
  assert.equal(await talk(two.namespace, ['127.0.0.1', 80], server), '127.0.0.1');
});

test('beyond the host, a container has the address of the host', async () => {
  await using host = await openHost();
  using world = Namespace.fresh();
  cable(world, { here: '203.0.113.1', there: '203.0.113.2' });
  using web = await host.container('web');
  using server = TestSocket.listening('tcp', world, 80);
  assert.equal(await talk(web.namespace, ['203.0.113.2', 80], server), '203.0.113.1');
  using datagrams = TestSocket.listening('udp', world, 53);
  assert.equal(await talkUdp(web.namespace, ['203.0.113.2', 53], datagrams), '203.0.113.1');
});

test('a published port answers on every address of the host, loopback too', async () => {
  await using host = await openHost();
  using world = Namespace.fresh();
  cable(world, { here: '203.0.113.1', there: '203.0.113.2' });
  using web = await host.container('web', { ports: [port('8080:80')] });
  using server = TestSocket.listening('tcp', web.namespace, 80);
  assert.equal(await talk(host.namespace, ['127.0.0.1', 8080], server), '172.17.0.1');
  assert.equal(await talk(host.namespace, ['203.0.113.1', 8080], server), '203.0.113.1');
  assert.equal(await talk(host.namespace, ['172.17.0.1', 8080], server), '172.17.0.1');
  assert.equal(await talk(world, ['203.0.113.1', 8080], server), '203.0.113.2');
  assert.equal(await talk(host.namespace, ['::1', 8080], server), '172.17.0.1');
});

test('a published UDP port likewise', async () => {
  await using host = await openHost();
  using world = Namespace.fresh();
  cable(world, { here: '203.0.113.1', there: '203.0.113.2' });
  using dns = await host.container('dns', { ports: [port('5353:53/udp')] });
  using server = TestSocket.listening('udp', dns.namespace, 53);
  assert.equal(await talkUdp(host.namespace, ['127.0.0.1', 5353], server), '172.17.0.1');
  assert.equal(await talkUdp(world, ['203.0.113.1', 5353], server), '203.0.113.2');
  assert.equal(await talkUdp(host.namespace, ['::1', 5353], server), '172.17.0.1');
});

test('a UDP client that goes on talking reaches the next container', async () => {
  await using host = await openHost();
  using _first = await host.container('first');
  using old = await host.container('old', { ports: [port('5353:53/udp')] });
  using oldServer = TestSocket.listening('udp', old.namespace, 53);
  using client = TestSocket.open('udp', host.namespace);
  await client.connect('127.0.0.1', 5353);
  const ask = async (server: TestSocket) => {
    await client.send('ping');
    const [, answer] = await Promise.all([server.answer(), client.receive()]);
    return answer;
  };
  await ask(oldServer);
  await host.networks.release('first');
  await host.networks.release('old');
  await host.networks.attach({ containerId: 'between', networks: [{ network: 'bridge' }], ports: [] });
  using other = await host.container('other');
  using next = await host.container('next', { ports: [port('5353:53/udp')] });
  assert.notEqual(next.address, old.address);
  assert.ok(other.address);
  using server = TestSocket.listening('udp', next.namespace, 53);
  await setTimeout(100);
  assert.equal(await ask(server), '172.17.0.1');
});

test('a container reaches a published port by way of the host, even its own', async () => {
  await using host = await openHost();
  using web = await host.container('web', { ports: [port('8080:80')] });
  using other = await host.container('other');
  using server = TestSocket.listening('tcp', web.namespace, 80);
  assert.equal(await talk(other.namespace, ['172.17.0.1', 8080], server), '172.17.0.1');
  assert.equal(await talk(web.namespace, ['172.17.0.1', 8080], server), '172.17.0.1');
});

test('a port published on one address answers on no other', async () => {
  await using host = await openHost();
  using world = Namespace.fresh();
  cable(world, { here: '203.0.113.1', there: '203.0.113.2' });
  using web = await host.container('web', { ports: [port('127.0.0.1:8080:80')] });
  using server = TestSocket.listening('tcp', web.namespace, 80);
  assert.equal(await talk(host.namespace, ['127.0.0.1', 8080], server), '172.17.0.1');
  await unreachable(world, ['203.0.113.1', 8080]);
  await unreachable(host.namespace, ['203.0.113.1', 8080]);
});

test('from beyond the host only published ports are reached', async () => {
  await using host = await openHost();
  using world = Namespace.fresh();
  cable(world, { here: '203.0.113.1', there: '203.0.113.2' });
  using web = await host.container('web', { ports: [port('8080:80')] });
  using _server = TestSocket.listening('tcp', web.namespace, 80);
  await unreachable(world, [web.address, 80]);
});

test('what listens on loopback of the host is reached from no container', async () => {
  await using host = await openHost();
  using web = await host.container('web');
  web.namespace.run(() => execFileSync('ip', ['route', 'add', '127.0.0.2', 'via', '172.17.0.1']));
  web.namespace.run(() => execFileSync('sysctl', ['-qw', 'net.ipv4.conf.all.route_localnet=1']));
  using _server = TestSocket.listening('tcp', host.namespace, 80);
  await unreachable(web.namespace, ['127.0.0.2', 80]);
});

test('an address given back is good for the next container at once, though the old namespace still has it', async () => {
  await using host = await openHost();
  using old = await host.container('old');
  using oldServer = TestSocket.listening('tcp', old.namespace, 80);
  await talk(host.namespace, [old.address, 80], oldServer);
  await host.networks.release('old');
  using next = await host.container('next');
  assert.equal(next.address, old.address);
  using server = TestSocket.listening('tcp', next.namespace, 80);
  await talk(host.namespace, [next.address, 80], server);
  using client = TestSocket.open('tcp', old.namespace);
  await client.connect('172.17.0.1', 9); // the old one speaks up, and changes nothing
  await talk(host.namespace, [next.address, 80], server);
});

test('without a network there is loopback alone', async () => {
  await using host = await openHost();
  using lonely = await host.container('lonely', { networks: [{ network: 'none' }] });
  using server = TestSocket.listening('tcp', lonely.namespace, 80);
  assert.equal(await talk(lonely.namespace, ['127.0.0.1', 80], server), '127.0.0.1');
  assert.deepEqual(lonely.namespace.run(links), ['lo']);
});

test('containers that may not reach one another do not, where bridged packets are filtered', async (t) => {
  await using host = await openHost({ bridge: { connected: false } });
  if (!isBridgeFiltered()) return t.skip('bridged packets are not filtered on this kernel');
  using one = await host.container('one');
  using two = await host.container('two');
  using _server = TestSocket.listening('tcp', two.namespace, 80);
  await unreachable(one.namespace, [two.address, 80]);
});

function isBridgeFiltered(): boolean {
  try {
    return readFileSync('/proc/sys/net/bridge/bridge-nf-call-iptables', 'utf8').trim() === '1';
  } catch {
    return false;
  }
}

test('without nftables the proxy serves published ports', async () => {
  await using host = await openHost({ firewall: 'none' });
  using web = await host.container('web', { ports: [port('8080:80'), port('5353:53/udp')] });
  using server = TestSocket.listening('tcp', web.namespace, 80);
  using datagrams = TestSocket.listening('udp', web.namespace, 53);
  assert.equal(await talk(host.namespace, ['127.0.0.1', 8080], server), '172.17.0.1');
  assert.equal(await talkUdp(host.namespace, ['127.0.0.1', 5353], datagrams), '172.17.0.1');
});

test('closing leaves no link and no firewall rule; with a container running, both stay', async () => {
  const host = await openHost();
  using web = await host.container('web');
  assert.match(tables(), /table ip hoist_hoist0/);
  await host.networks.release(web.id);
  await host[Symbol.asyncDispose]();
  assert.equal(tables(), '');
  assert.ok(!links().includes('hoist0'));

  const busy = await openHost();
  using left = await busy.container('left', { ports: [port('8080:80')] });
  await busy.networks.close();
  assert.match(tables(), /table ip hoist_hoist0/);
  using server = TestSocket.listening('tcp', left.namespace, 80);
  await talk(busy.namespace, ['127.0.0.1', 8080], server);
});
