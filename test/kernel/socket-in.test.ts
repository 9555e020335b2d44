import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, openSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import test from 'node:test';
import { networkNamespaceOf, nr, socketIn, sys } from '#linux/index.ts';
import { dumpLinks } from '#linux/netlink-route.ts';
import { NETLINK, NetlinkSocket } from '#linux/netlink-socket.ts';

const AF_INET = 2;
const SOCK_STREAM = 1;
const SOCK_DGRAM = 2;

/** A process with a network of its own, loopback up. */
async function startElsewhere(): Promise<Disposable & { readonly pid: number }> {
  const child = spawn('unshare', ['-n', 'sh', '-c', 'ip link set lo up && echo up && exec sleep 1000']);
  await once(child.stdout, 'data');
  return { pid: child.pid!, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

const ownNamespace = (): string => readlinkSync('/proc/thread-self/ns/net');

/** sockaddr_in */
function addressOf(port: number, host: readonly number[]): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt16LE(AF_INET, 0);
  bytes.writeUInt16BE(port, 2);
  bytes.set(host, 4);
  return bytes;
}

test('sockets of another namespace serve it, by UDP and by TCP, and this process is where it was', async () => {
  using elsewhere = await startElsewhere();
  using namespace = networkNamespaceOf(elsewhere.pid);
  const before = ownNamespace();
  const tcp = socketIn(namespace.fd, { domain: AF_INET, type: SOCK_STREAM, protocol: 0 });
  const udp = socketIn(namespace.fd, { domain: AF_INET, type: SOCK_DGRAM, protocol: 0 });
  assert.equal(ownNamespace(), before);
  for (const fd of [tcp, udp]) assert.equal(sys(nr.bind, fd, addressOf(5353, [127, 0, 0, 11]), 16), 0);

  const server = createServer((socket) => socket.end('by TCP'));
  server.listen({ fd: tcp });
  const answers = createSocket('udp4', (_message, { port, address }) =>
    answers.send('by UDP', port, address),
  );
  answers.bind({ fd: udp });
  await once(server, 'listening');

  const ask = (way: string) =>
    new Promise<string>((resolve, reject) => {
      const child = spawn('nsenter', ['-t', `${elsewhere.pid}`, '-n', 'bash', '-c', way]);
      let text = '';
      child.stdout.on('data', (data) => {
        text += data;
      });
      child.once('error', reject).once('close', () => resolve(text));
    });
  assert.equal(await ask('exec 3<>/dev/tcp/127.0.0.11/5353; timeout 5 cat <&3'), 'by TCP');
  assert.equal(await ask('exec 3<>/dev/udp/127.0.0.11/5353; echo >&3; timeout 5 head -c 6 <&3'), 'by UDP');
  server.close();
  answers.close();
});

test('netlink in another namespace sees its links alone', async () => {
  using elsewhere = await startElsewhere();
  using namespace = networkNamespaceOf(elsewhere.pid);
  using there = new NetlinkSocket(NETLINK.ROUTE, namespace.fd);
  using here = new NetlinkSocket(NETLINK.ROUTE);
  const names = (socket: NetlinkSocket) =>
    socket.request('list links', dumpLinks()).filter(({ body }) => Buffer.from(body).includes('eth0\0'))
      .length;
  assert.ok(there.request('list links', dumpLinks()).length > 0);
  assert.equal(names(there), 0);
  assert.ok(here.request('list links', dumpLinks()).length > 0);
});

test('what is no network namespace is refused, and this process is where it was', () => {
  const before = ownNamespace();
  const fd = openSync('/proc/self/ns/uts', 'r');
  assert.throws(() => socketIn(fd, { domain: AF_INET, type: SOCK_DGRAM, protocol: 0 }), /setns: EINVAL/);
  closeSync(fd);
  assert.throws(() => socketIn(-1, { domain: AF_INET, type: SOCK_DGRAM, protocol: 0 }), /setns: EBADF/);
  assert.throws(() => networkNamespaceOf(2 ** 22 + 1), { code: 'ENOENT' });
  assert.equal(ownNamespace(), before);
});
