import { closeSync, openSync } from 'node:fs';
import { checked, nr, sys, sysAsync } from '#linux/index.ts';
import { addAddress, addDefaultRoute, addVeth, setLinkUp } from '#linux/netlink-route.ts';
import { NETLINK, NetlinkSocket } from '#linux/netlink-socket.ts';
import type { NetworkPlan } from '#network/index.ts';
import { parseAddress } from '#network/ipv4.ts';

/** linux/sched.h */
const CLONE_NEWNET = 0x40000000;

const current = (): number => openSync('/proc/thread-self/ns/net', 'r');
const enter = (fd: number): void => void checked('setns', sys(nr.setns, fd, CLONE_NEWNET));
const unshare = (): void => void checked('unshare', sys(nr.unshare, CLONE_NEWNET));

/** Moves this thread to a network namespace of its own, with loopback up: what a test leaves in it ends with it. */
export function enterFreshHost(): Namespace {
  unshare();
  request(setLinkUp({ name: 'lo' }));
  return new Namespace(current());
}

/** Sends a datagram to the kernel, in the namespace that the thread is in. */
export function request(datagram: Uint8Array): void {
  using socket = new NetlinkSocket(NETLINK.ROUTE);
  socket.request('netlink', datagram);
}

/** A network namespace, alive as long as its descriptor is open. */
export class Namespace implements Disposable {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  /** The one that this thread is in. */
  static current(): Namespace {
    return new Namespace(current());
  }

  /** A new one, with nothing up. */
  static fresh(): Namespace {
    using before = new Namespace(current());
    unshare();
    const made = new Namespace(current());
    enter(before.fd);
    return made;
  }

  /** Does something there, at once: sockets made in it belong to that namespace. */
  run<T>(action: () => T): T {
    using before = new Namespace(current());
    enter(this.fd);
    try {
      return action();
    } finally {
      enter(before.fd);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/** Does what the runtime does with a plan: `host` here, `inner` in the namespace. */
export function play(plan: NetworkPlan, namespace: Namespace): void {
  for (const { bytes, netnsFdOffset } of plan.host) {
    const datagram = Buffer.from(bytes);
    if (netnsFdOffset !== undefined) datagram.writeInt32LE(namespace.fd, netnsFdOffset);
    request(datagram);
  }
  namespace.run(() => plan.inner.forEach(request));
}

const AF = { 4: 2, 6: 10 } as const;
const SOCK = { tcp: 1, udp: 2 } as const;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_RCVTIMEO = 20;
const SO_SNDTIMEO = 21;

/** A blocking socket, its calls made on the worker pool, each failing after some time. Errors are errnos, negative. */
export class TestSocket implements Disposable {
  readonly fd: number;

  constructor(fd: number) {
    this.fd = fd;
  }

  static open(protocol: 'tcp' | 'udp', namespace: Namespace, version: 4 | 6 = 4): TestSocket {
    const socket = new TestSocket(
      namespace.run(() => checked('socket', sys(nr.socket, AF[version], SOCK[protocol] | 0o2000000, 0))),
    );
    socket.#patience(2000);
    sys(nr.setsockopt, socket.fd, SOL_SOCKET, SO_REUSEADDR, Buffer.of(1, 0, 0, 0), 4);
    return socket;
  }

  /** A socket that waits for clients. */
  static listening(protocol: 'tcp' | 'udp', namespace: Namespace, port: number): TestSocket {
    const socket = TestSocket.open(protocol, namespace);
    const address = socketAddress('0.0.0.0', port);
    checked('bind', sys(nr.bind, socket.fd, address, address.length));
    if (protocol === 'tcp') checked('listen', sys(nr.listen, socket.fd, 64));
    return socket;
  }

  async connect(ip: string, port: number): Promise<number> {
    const address = socketAddress(ip, port);
    return sysAsync(nr.connect, this.fd, address, address.length);
  }

  /** The next client and its address. */
  async accept(): Promise<{ client: TestSocket; from: string }> {
    const address = Buffer.alloc(16);
    const length = Buffer.of(16, 0, 0, 0);
    const fd = checked('accept', await sysAsync(nr.accept4, this.fd, address, length, 0o2000000));
    const client = new TestSocket(fd);
    client.#patience(2000);
    return { client, from: [...address.subarray(4, 8)].join('.') };
  }

  async send(text: string): Promise<number> {
    const bytes = Buffer.from(text);
    return sysAsync(nr.sendto, this.fd, bytes, bytes.length, 0, null, 0);
  }

  async receive(): Promise<string> {
    const bytes = Buffer.alloc(65536);
    const length = checked('recv', await sysAsync(nr.recvfrom, this.fd, bytes, bytes.length, 0, null, null));
    return bytes.subarray(0, length).toString();
  }

  /** Receives a datagram and answers it with the address that it came from. */
  async answer(): Promise<void> {
    const bytes = Buffer.alloc(65536);
    const from = Buffer.alloc(16);
    const length = Buffer.of(16, 0, 0, 0);
    checked('recv', await sysAsync(nr.recvfrom, this.fd, bytes, bytes.length, 0, from, length));
    const reply = Buffer.from([...from.subarray(4, 8)].join('.'));
    checked('send', await sysAsync(nr.sendto, this.fd, reply, reply.length, 0, from, 16));
  }

  #patience(milliseconds: number): void {
    const time = Buffer.alloc(16);
    time.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0);
    time.writeBigInt64LE(BigInt((milliseconds % 1000) * 1000), 8);
    for (const option of [SO_RCVTIMEO, SO_SNDTIMEO])
      sys(nr.setsockopt, this.fd, SOL_SOCKET, option, time, 16);
  }

  [Symbol.dispose](): void {
    closeSync(this.fd);
  }
}

/** struct sockaddr_in; `::1` as sockaddr_in6. */
function socketAddress(ip: string, port: number): Buffer {
  const version6 = ip === '::1';
  const bytes = Buffer.alloc(version6 ? 28 : 16);
  bytes.writeUInt16LE(version6 ? AF[6] : AF[4], 0);
  bytes.writeUInt16BE(port, 2);
  if (version6) bytes[23] = 1;
  else bytes.set(ip.split('.').map(Number), 4);
  return bytes;
}

/** Two namespaces joined by a cable: this one's end has `here`, the other's `there`, by which it routes everything. */
export function cable(there: Namespace, addresses: { readonly here: string; readonly there: string }): void {
  const veth = addVeth({
    host: { name: 'cable0', index: 500, masterIndex: 0 },
    peer: { name: 'cable1', index: 501, macAddress: '02:00:00:00:00:01' },
    mtu: 1500,
  });
  veth.bytes.writeInt32LE(there.fd, veth.netnsFdOffset);
  request(veth.bytes);
  request(addAddress({ index: 500, address: parseAddress(addresses.here)!, prefixLength: 24 }));
  there.run(() => {
    request(setLinkUp({ index: 1 }));
    request(addAddress({ index: 501, address: parseAddress(addresses.there)!, prefixLength: 24 }));
    request(setLinkUp({ index: 501 }));
    request(addDefaultRoute({ index: 501, gateway: parseAddress(addresses.here)! }));
  });
}
