import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'node:test';
import { Database } from '#state/index.ts';
import { openHost, port, talk, unreachable } from './network-fixture.ts';
import { cable, enterFreshHost, Namespace, TestSocket } from './network-namespaces.ts';

const SYSCTL = '/proc/sys/net/ipv4/ip_forward';
const forwarding = (): string => readFileSync(SYSCTL, 'utf8').trim();
const table = (): string =>
  execFileSync('nft', ['list', 'table', 'ip', 'hoist_hoist0'], { encoding: 'utf8' });

/** A namespace's fresh `ip_forward` is its maker's or 0, by a setting of the host; here it is what is said. */
const presetForwarding = (value: '0' | '1') => {
  const host = enterFreshHost();
  writeFileSync(SYSCTL, value);
  return host;
};

const wanted = `table ip hoist_hoist0 {
	map published {
		type inet_proto . ipv4_addr . inet_service : ipv4_addr . inet_service
		elements = { udp . 127.0.0.1 . 5353 : 172.17.0.2 . 53 }
	}

	map published_any {
		type inet_proto . inet_service : ipv4_addr . inet_service
		elements = { tcp . 8080 : 172.17.0.2 . 80 }
	}

	set bridges {
		type ifname
		elements = { "hoist0" }
	}

	set connected {
		type ifname . ifname
		elements = { "hoist0" . "hoist0" }
	}

	set internal {
		type ifname
	}

	set subnets {
		type ipv4_addr
		flags interval
		elements = { 172.17.0.0/16 }
	}

	set masqueraded {
		type ipv4_addr
		flags interval
		elements = { 172.17.0.0/16 }
	}

	chain guard {
		type filter hook prerouting priority raw; policy accept;
		iifname != "lo" ip daddr 127.0.0.0/8 drop
	}

	chain prerouting {
		type nat hook prerouting priority dstnat; policy accept;
		fib daddr type local dnat ip to meta l4proto . ip daddr . th dport map @published
		fib daddr type local dnat ip to meta l4proto . th dport map @published_any
	}

	chain output {
		type nat hook output priority -100; policy accept;
		fib daddr type local dnat ip to meta l4proto . ip daddr . th dport map @published
		fib daddr type local dnat ip to meta l4proto . th dport map @published_any
	}

	chain postrouting {
		type nat hook postrouting priority srcnat; policy accept;
		ip saddr 127.0.0.0/8 oifname @bridges masquerade
		ip saddr @masqueraded oifname != @bridges oifname != "lo" masquerade
		ct status dnat ip saddr @subnets oifname @bridges masquerade
	}

	chain forward {
		type filter hook forward priority filter; policy accept;
		oifname @bridges ct state established,related accept
		iifname . oifname @connected accept
		iifname @internal drop
		oifname @internal drop
		oifname @bridges ct status dnat accept
		oifname @bridges drop
	}
}
`;

test('the whole table, as nft shows it', async () => {
  presetForwarding('1');
  await using host = await openHost({}, 'here');
  await host.networks.attach({
    containerId: 'web',
    networks: [{ network: 'bridge' }],
    ports: [port('8080:80'), port('127.0.0.1:5353:53/udp')],
  });
  assert.equal(table(), wanted);
  await host.networks.release('web');
});

test('where it was we that made the host forward, nothing else is forwarded, and in the end the host is as before', async () => {
  presetForwarding('0');
  const database = new Database(':memory:');
  const host = await openHost({ database }, 'here');
  assert.equal(forwarding(), '1');
  const rules = table()
    .match(/oifname @bridges drop\n([^}]*)\t}/)?.[1]
    ?.trim()
    .split(/\s*\n\s*/);
  const kinds = ['bridge', 'veth', 'tun', 'wireguard'];
  assert.deepEqual(rules, [
    'iifname @bridges accept',
    ...kinds.map((kind) => `meta iifkind "${kind}" accept`),
    ...kinds.map((kind) => `meta oifkind "${kind}" accept`),
    'drop',
  ]);
  using web = await host.container('web');
  using world = Namespace.fresh();
  cable(world, { here: '203.0.113.1', there: '203.0.113.2' });
  using server = TestSocket.listening('tcp', world, 80);
  assert.equal(await talk(web.namespace, ['203.0.113.2', 80], server), '203.0.113.1');
  await host.networks.release('web');
  execFileSync('ip', ['link', 'delete', 'cable0']);
  await host[Symbol.asyncDispose]();
  assert.equal(forwarding(), '0');
});

test('a host that forwarded before goes on', async () => {
  presetForwarding('1');
  const host = await openHost({}, 'here');
  await host[Symbol.asyncDispose]();
  assert.equal(forwarding(), '1');
});

test('another firewall that drops what it does not know is told of', async () => {
  presetForwarding('1');
  execFileSync('nft', [
    'add table ip filter; add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }',
  ]);
  await using host = await openHost({}, 'here');
  assert.match(
    host.log.join(''),
    /level=warn msg="another firewall drops forwarded packets[^"]*" table=filter chain=FORWARD/,
  );
});

test('an internal network: its containers reach one another and the host, and nothing beyond', async () => {
  await using host = await openHost();
  await host.networks.directory.create({ Name: 'inner', Internal: true });
  using world = Namespace.fresh();
  cable(world, { here: '203.0.113.1', there: '203.0.113.2' });
  const join = { networks: [{ network: 'inner' }] };
  using one = await host.container('one', join);
  using two = await host.container('two', join);
  using server = TestSocket.listening('tcp', two.namespace, 80);
  await talk(one.namespace, [two.address, 80], server);
  await talk(host.namespace, [two.address, 80], server);
  one.namespace.run(() => execFileSync('ip', ['route', 'add', 'default', 'via', '172.18.0.1']));
  using _world = TestSocket.listening('tcp', world, 80);
  await unreachable(one.namespace, ['203.0.113.2', 80]);
  await host.networks.release('one');
  await host.networks.release('two');
});
