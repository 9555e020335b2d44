import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { addAddress, addVeth, batch, setLinkUp } from '#linux/netlink-route.ts';
import type { NetworkPlan } from '#runtime/format.ts';
import { openTaskBench } from '../fixtures/tasks.ts';

const hostName = `rt${process.pid}`;
const hostIndex = 100_000 + process.pid;
const address = 0x0a090807; // 10.9.8.7

/** An end of a veth on the host, on no bridge, and the other inside with an address. */
function plan(): NetworkPlan {
  const veth = addVeth({
    host: { name: hostName, index: hostIndex, masterIndex: 0 },
    peer: { name: 'eth0', index: 16, macAddress: '02:42:0a:09:08:07' },
    mtu: 1400,
  });
  const inner = batch(
    setLinkUp({ index: 1 }),
    addAddress({ index: 16, address, prefixLength: 24 }),
    setLinkUp({ index: 16 }),
  );
  return { host: [{ bytes: veth.bytes, netnsFdOffset: veth.netnsFdOffset }], inner: [inner] };
}

const onHost = () => existsSync(`/sys/class/net/${hostName}`);

async function untilGone(): Promise<void> {
  for (let tries = 0; onHost() && tries < 2000; tries += 1) await delay(10);
  assert.equal(onHost(), false);
}

test('a network plan is played on both sides, and goes with the container', async () => {
  await using bench = openTaskBench();
  const { stdout } = await bench.run({
    args: ['sh', '-c', 'ip -o -4 addr show | tr -s " " | cut -d" " -f2,4; cat /sys/class/net/eth0/mtu'],
    request: { network: plan() },
  });
  assert.equal(stdout, 'lo 127.0.0.1/8\neth0 10.9.8.7/24\n1400\n');
  await untilGone();
});

test('a datagram of the host that is refused ends the start, and nothing stays', async () => {
  await using bench = openTaskBench();
  const first = await bench.create({ args: ['sleep', '100'], request: { network: plan() } });
  const request = bench.request({ args: ['true'], request: { network: plan() } });
  await assert.rejects(bench.format.create(request), {
    kind: 'internal',
    message: /error during container init: host netlink: /,
  });
  assert.equal(existsSync(request.directory), false);
  await first.remove();
  await untilGone();
});

test('so does one of the inside', async () => {
  await using bench = openTaskBench();
  const inner = [addAddress({ index: 77, address, prefixLength: 24 })];
  const request = bench.request({ args: ['true'], request: { network: { host: [], inner } } });
  await assert.rejects(bench.format.create(request), { message: /inner netlink: no such device/ });
});
