import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { closeSync, readdirSync } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import test, { after, before } from 'node:test';
import { checked, nr, socketIn, sys } from '#linux/index.ts';
import type { NamedContainer, NameServer } from '#network/index.ts';
import { queryOf, replyTo, type Told, TYPES, told } from '../fixtures/dns.ts';
import { clientOf } from '../fixtures/docker-client.ts';
import { importBusybox, startHoistd, which } from '../fixtures/engines.ts';
import { openHost, type TestContainer, type TestHost } from './network-fixture.ts';
import type { Namespace } from './network-namespaces.ts';

/** Names of containers, asked as they ask: at 127.0.0.11 of their namespaces; and who answers the rest. */

const AF_INET = 2;
const KIND = { tcp: 1, udp: 2 } as const;
const isRoot = process.getuid?.() === 0;
const skip = isRoot ? false : 'needs root';
let host: TestHost;

before(async () => {
  if (skip !== false) return;
  host = await openHost();
  for (const [name, subnet, internal] of [
    ['front', '10.81.0.0/24', false],
    ['back', '10.82.0.0/24', false],
    ['apart', '10.83.0.0/24', true],
  ] as const)
    await host.networks.directory.create({
      Name: name,
      Internal: internal,
      IPAM: { Config: [{ Subnet: subnet }] },
    });
});
after(async () => host?.[Symbol.asyncDispose]());

let count = 0;
function newId(): string {
  count += 1;
  return `${count}`.padStart(12, 'a').padEnd(64, '0');
}

interface Asking extends AsyncDisposable {
  readonly container: TestContainer;
  ask(question: Buffer, way?: 'udp' | 'tcp'): Promise<Buffer>;
}

/** A container on networks, whose names are served. */
async function serve(
  networks: readonly string[],
  { aliases = [], servers = [] }: { aliases?: readonly string[]; servers?: readonly NameServer[] } = {},
): Promise<Asking> {
  const id = newId();
  const container = await host.container(id, { networks: networks.map((network) => ({ network, aliases })) });
  await host.networks.serveNames(namedContainer(container, servers));
  return {
    container,
    ask: (question, way = 'udp') => askIn(container.namespace, question, way),
    [Symbol.asyncDispose]: async () => {
      await host.networks.release(id);
      container[Symbol.dispose]();
    },
  };
}

const namedContainer = (
  { id, namespace }: TestContainer,
  servers: readonly NameServer[] = [],
): NamedContainer => ({
  containerId: id,
  hold: async () => ({ fd: namespace.fd, [Symbol.dispose]: () => undefined }),
  servers,
});

async function askIn(namespace: Namespace, question: Buffer, way: 'udp' | 'tcp'): Promise<Buffer> {
  const fd = socketIn(namespace.fd, { domain: AF_INET, type: KIND[way], protocol: 0 });
  if (way === 'tcp') {
    const socket = new Socket({ fd }).connect({ host: '127.0.0.11', port: 53 });
    socket.end(Buffer.concat([Buffer.of(question.length >> 8, question.length & 0xff), question]));
    const all = Buffer.concat((await socket.toArray()) as Buffer[]);
    if (all.length > 0) assert.equal(all.length, 2 + all.readUInt16BE(0));
    return all.subarray(2);
  }
  const socket = createSocket('udp4');
  socket.bind({ fd });
  try {
    socket.send(question, 53, '127.0.0.11');
    const [reply, from] = await once(socket, 'message', { signal: AbortSignal.timeout(15_000) });
    assert.deepEqual([from.address, from.port], ['127.0.0.11', 53]);
    return reply;
  } finally {
    socket.close();
  }
}

/** A socket on port 53 of every address. */
function boundIn(namespace: Namespace, way: 'udp' | 'tcp'): number {
  const fd = socketIn(namespace.fd, { domain: AF_INET, type: KIND[way], protocol: 0 });
  const anywhere = Buffer.alloc(16);
  anywhere.writeUInt16LE(AF_INET, 0);
  anywhere.writeUInt16BE(53, 2);
  checked('bind', sys(nr.bind, fd, anywhere, anywhere.length));
  return fd;
}

/** A question that no program's socket sends: its port is 0. */
function sendFromNowhere(namespace: Namespace, question: Buffer): void {
  const [SOCK_RAW, UDP] = [3, 17];
  const fd = socketIn(namespace.fd, { domain: AF_INET, type: SOCK_RAW, protocol: UDP });
  const datagram = Buffer.concat([Buffer.of(0, 0, 0, 53, 0, 8 + question.length, 0, 0), question]);
  const to = Buffer.of(AF_INET, 0, 0, 0, 127, 0, 0, 11, 0, 0, 0, 0, 0, 0, 0, 0);
  checked('sendto', sys(nr.sendto, fd, datagram, datagram.length, 0, to, to.length));
  closeSync(fd);
}

/** A server of names on port 53 of an address of the host. */
async function server(
  address: string,
  answer: (query: Buffer, way: 'udp' | 'tcp', send: (reply: Buffer) => void) => void,
): Promise<Disposable> {
  const udp: UdpSocket = createSocket('udp4');
  udp.on('message', (query, from) =>
    answer(query, 'udp', (reply) => void udp.send(reply, from.port, from.address, () => undefined)),
  );
  const tcp: Server = createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (bytes: Buffer) =>
      answer(bytes.subarray(2), 'tcp', (reply) =>
        client.end(Buffer.concat([Buffer.of(reply.length >> 8, reply.length & 0xff), reply])),
      ),
    );
  });
  udp.bind(53, address);
  tcp.listen(53, address);
  await Promise.all([once(udp, 'listening'), once(tcp, 'listening')]);
  return {
    [Symbol.dispose]: () => {
      udp.close();
      tcp.close();
    },
  };
}

const outside = (address: string): NameServer => ({ address, inside: false });
const summary = ({ code, answers }: Told) => ({ code, answers });
const addressRecord = (...parts: number[]) => ({ type: TYPES.A, data: Buffer.from(parts) });

test('names, aliases and ids are those of networks that are shared', { skip }, async () => {
  await using one = await serve(['front'], { aliases: ['Svc'] });
  await using two = await serve(['front', 'back'], { aliases: ['svc'] });
  await using lone = await serve(['bridge']);
  const short = (asking: Asking) => asking.container.id.slice(0, 12);
  const [first, second] = [one.container.address, two.container.address];
  const ofOne: [name: string, answers: string[]][] = [
    [short(one), [first]],
    [short(two), [second]],
    [`${short(two)}.FRONT`, [second]],
    [`${short(two)}.back`, []],
    [short(lone), []],
    ['nobody', []],
  ];
  for (const way of ['udp', 'tcp'] as const)
    for (const [name, answers] of ofOne)
      assert.deepEqual(
        summary(told(await one.ask(queryOf({ name }), way))),
        { code: answers.length ? 0 : 2, answers },
        name,
      );
  const both = told(await one.ask(queryOf({ name: 'svc', edns: 4096, id: 77 })));
  assert.deepEqual(
    { ...both, answers: both.answers.toSorted() },
    { id: 77, code: 0, truncated: false, answers: [first, second], ttls: [600, 600], edns: 1232 },
  );
  const turned = told(await one.ask(queryOf({ name: 'svc' })));
  assert.deepEqual(turned.answers, both.answers.toReversed());
  assert.deepEqual(summary(told(await one.ask(queryOf({ name: short(two), type: TYPES.AAAA })))), {
    code: 0,
    answers: [],
  });
  const pointer = `${second.split('.').reverse().join('.')}.in-addr.arpa`;
  assert.deepEqual(told(await one.ask(queryOf({ name: pointer, type: TYPES.PTR }))).answers, [
    `${short(two)}.front`,
  ]);
  // who has left is not known any more
  await host.networks.release(two.container.id);
  assert.deepEqual(told(await one.ask(queryOf({ name: 'svc' }))).answers, [first]);
  assert.equal(told(await one.ask(queryOf({ name: short(two) }))).code, 2);
});

test('what is no query gets no answer or a refusal, and what comes after it is answered', {
  skip,
}, async () => {
  await using one = await serve(['front'], { aliases: ['svc'] });
  const name = 'svc';
  const fd = socketIn(one.container.namespace.fd, { domain: AF_INET, type: KIND.udp, protocol: 0 });
  const socket = createSocket('udp4');
  socket.bind({ fd });
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(5), replyTo(queryOf({ name })), Buffer.alloc(65_000)])
    socket.send(bytes, 53, '127.0.0.11');
  socket.close();
  const pointing = Buffer.concat([queryOf({ name: '' }).subarray(0, 12), Buffer.of(0xc0, 12, 0, 1, 0, 1)]);
  assert.equal(told(await one.ask(pointing)).code, 1);
  assert.equal((await one.ask(Buffer.alloc(5), 'tcp')).length, 0);
  assert.equal((await one.ask(Buffer.alloc(0), 'tcp')).length, 0);
  assert.equal(told(await one.ask(queryOf({ name }))).code, 0);
});

test('the rest goes to servers, one after the other, by the way that it came', { skip }, async () => {
  const seen: string[] = [];
  using _none = await server('127.0.0.2', (query, way, send) => {
    seen.push(`2 ${way}`);
    send(replyTo(query, { flags: 0x8182 })); // SERVFAIL
  });
  using _one = await server('127.0.0.3', (query, way, send) => {
    seen.push(`3 ${way} ${query.readUInt16BE(10)}`);
    const isLong = query.includes('long');
    if (query.includes('nowhere')) send(replyTo(query, { flags: 0x8183 }));
    else if (isLong && way === 'udp') send(replyTo(query, { flags: 0x8380 }));
    else
      send(
        replyTo(query, {
          records: Array.from({ length: isLong ? 100 : 1 }, () => addressRecord(1, 2, 3, 4)),
        }),
      );
  });
  // the first has nobody on its port
  const servers = ['127.0.0.4', '127.0.0.2', '127.0.0.3'].map(outside);
  await using one = await serve(['front'], { servers });
  assert.deepEqual(told(await one.ask(queryOf({ name: 'example.org', id: 99, edns: 1400 }))), {
    id: 99,
    code: 0,
    truncated: false,
    answers: ['1.2.3.4'],
    ttls: [60],
  });
  assert.deepEqual(seen.splice(0), ['2 udp', '3 udp 1']);
  assert.deepEqual(summary(told(await one.ask(queryOf({ name: 'nowhere.org' })))), { code: 3, answers: [] });
  const short = told(await one.ask(queryOf({ name: 'long.org' })));
  assert.deepEqual([short.truncated, short.answers.length], [true, 0]);
  seen.splice(0);
  assert.equal(told(await one.ask(queryOf({ name: 'long.org' }), 'tcp')).answers.length, 100);
  assert.deepEqual(seen.splice(0), ['2 tcp', '3 tcp 0']);
  await using inner = await serve(['apart'], { servers });
  assert.equal(told(await inner.ask(queryOf({ name: 'example.org' }))).code, 2);
  assert.deepEqual(seen, [], 'an internal network lets no question out');
});

test('a server that lies, or says nothing, is not believed', { skip }, async () => {
  const ids: number[] = [];
  using _liar = await server('127.0.0.5', (query, _way, send) => {
    const id = query.readUInt16BE(0);
    ids.push(id);
    const forged = (change: (reply: Buffer) => void) => {
      const reply = replyTo(query, { records: [addressRecord(6, 6, 6, 6)] });
      change(reply);
      send(reply);
    };
    forged((reply) => reply.writeUInt16BE(id ^ 1, 0));
    forged((reply) => reply.write('evil', 13));
    send(Buffer.alloc(3));
    send(Buffer.from(query));
    send(replyTo(query, { records: [addressRecord(1, 1, 1, 1)] }));
  });
  await using one = await serve(['front'], { servers: [outside('127.0.0.5')] });
  for (let times = 0; times < 3; times += 1)
    assert.deepEqual(told(await one.ask(queryOf({ name: 'good.org' }))).answers, ['1.1.1.1']);
  assert.equal(new Set([...ids, 0x1234]).size, 4, 'ids are chosen anew');
});

test('a silent server is given four seconds, then the next is asked', { skip }, async () => {
  using _silent = await server('127.0.0.6', () => undefined);
  using _next = await server('127.0.0.7', (query, _way, send) =>
    send(replyTo(query, { records: [addressRecord(7, 7, 7, 7)] })),
  );
  await using one = await serve(['front'], { servers: [outside('127.0.0.6'), outside('127.0.0.7')] });
  const started = performance.now();
  assert.deepEqual(told(await one.ask(queryOf({ name: 'slow.org' }))).answers, ['7.7.7.7']);
  const took = performance.now() - started;
  assert.ok(took > 3900 && took < 9000, `${took} ms`);
});

test('so many questions wait at once, and no more; the end of the container ends them', {
  skip,
}, async () => {
  let waiting = 0;
  using _silent = await server('127.0.0.8', () => {
    waiting += 1;
  });
  await using one = await serve(['front'], { servers: [outside('127.0.0.8')], aliases: ['svc'] });
  const fd = socketIn(one.container.namespace.fd, { domain: AF_INET, type: KIND.udp, protocol: 0 });
  const socket = createSocket('udp4');
  socket.bind({ fd });
  const codes = new Set<number>();
  socket.on('message', (reply) => codes.add(told(reply).code));
  // a socket of a busy program may lose some
  for (let rounds = 0; waiting < 512 || codes.size === 0; rounds += 1) {
    assert.ok(rounds < 200, `${waiting} wait, refusals: ${codes.size}`);
    for (let id = 0; id < 50; id += 1) socket.send(queryOf({ name: 'slow.org', id }), 53, '127.0.0.11');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.deepEqual([waiting, codes], [512, new Set([5])]);
  assert.equal(told(await one.ask(queryOf({ name: 'svc' }))).code, 0, 'names are answered meanwhile');
  socket.close();
});

test('a loopback server of its own is asked in the container', { skip }, async () => {
  await using one = await serve(['front'], { servers: [{ address: '127.0.0.1', inside: true }] });
  const { namespace } = one.container;
  const udp = createSocket('udp4');
  udp.on('message', (query, { port, address }) =>
    udp.send(replyTo(query, { records: [addressRecord(9, 9, 9, 9)] }), port, address),
  );
  const tcp = createServer((client) =>
    client.once('data', (bytes: Buffer) => {
      const reply = replyTo(bytes.subarray(2), { records: [addressRecord(8, 8, 8, 8)] });
      client.end(Buffer.concat([Buffer.of(0, reply.length), reply]));
    }),
  );
  // port 53 of every address is the container's: the resolver's own is not in its way
  udp.bind({ fd: boundIn(namespace, 'udp') });
  tcp.listen({ fd: boundIn(namespace, 'tcp') });
  try {
    assert.deepEqual(told(await one.ask(queryOf({ name: 'example.org' }))).answers, ['9.9.9.9']);
    assert.deepEqual(told(await one.ask(queryOf({ name: 'example.org' }), 'tcp')).answers, ['8.8.8.8']);
  } finally {
    udp.close();
    tcp.close();
  }
});

test('clients by TCP ask one question after the other; too many are shown the door', { skip }, async () => {
  await using one = await serve(['front'], { aliases: ['svc'] });
  const open = () => {
    const fd = socketIn(one.container.namespace.fd, { domain: AF_INET, type: KIND.tcp, protocol: 0 });
    return new Socket({ fd }).connect({ host: '127.0.0.11', port: 53 });
  };
  const query = queryOf({ name: 'svc' });
  const client = open();
  client.end(
    Buffer.concat(Array.from({ length: 50 }, () => Buffer.concat([Buffer.of(0, query.length), query]))),
  );
  const all = Buffer.concat(await client.toArray());
  assert.equal(all.length, 50 * (2 + all.readUInt16BE(0)));
  const many = Array.from({ length: 80 }, open);
  const closed = many.map((each) =>
    once(
      each.on('error', () => undefined),
      'close',
    ),
  );
  await Promise.race(closed);
  const last = told(await one.ask(query));
  assert.equal(last.code, 0, 'by UDP all the same');
  for (const each of many) each.destroy();
});

test('serving twice is once; what is released has nobody on its port', { skip }, async () => {
  const one = await serve(['front'], { aliases: ['svc'] });
  const { container } = one;
  await host.networks.serveNames(namedContainer(container));
  assert.equal(told(await one.ask(queryOf({ name: 'svc' }))).code, 0);
  await host.networks.release(container.id);
  await assert.rejects(askIn(container.namespace, queryOf({ name: 'svc' }), 'tcp'), { code: 'ECONNREFUSED' });
  container[Symbol.dispose]();
});

test('without a packet filter the resolver has port 53 itself, and says so once', { skip }, async () => {
  await using bare = await openHost({ firewall: 'none' }, 'here');
  await bare.networks.directory.create({ Name: 'plain', IPAM: { Config: [{ Subnet: '10.85.0.0/24' }] } });
  for (const id of [newId(), newId()]) {
    using container = await bare.container(id, { networks: [{ network: 'plain', aliases: ['svc'] }] });
    await bare.networks.serveNames(namedContainer(container));
    sendFromNowhere(container.namespace, queryOf({ name: 'svc' }));
    const { answers } = told(await askIn(container.namespace, queryOf({ name: 'svc' }), 'udp'));
    assert.deepEqual(answers, [container.address]);
    await bare.networks.release(id);
  }
  assert.equal(bare.log.filter((line) => line.includes('port 53')).length, 1);
});

const noDocker = ['docker', 'busybox'].find((program) => !which(program));

test('a daemon that was killed serves names again at its next boot; first, last and shared networks', {
  skip: skip !== false ? skip : noDocker === undefined ? false : `not installed: ${noDocker}`,
}, async () => {
  await using engine = await startHoistd();
  importBusybox(engine);
  const docker = (...args: string[]): string => {
    const { code, out, err } = clientOf(engine)(...args);
    assert.equal(code, 0, `docker ${args.join(' ')}: ${err}`);
    return out.trim();
  };
  const run = (name: string, ...args: string[]) =>
    docker('run', '-d', '--name', name, ...args, 'busybox', 'sleep', '1000');
  const ask = (asker: string, name: string) =>
    /Address: (10\.[.\d]+)/.exec(clientOf(engine)('exec', asker, 'timeout', '3', 'nslookup', name).out)?.[1];
  docker('network', 'create', '--subnet', '10.84.0.0/24', 'front');
  run('one', '--network', 'front');
  run('two', '--network', 'front', '--network-alias', 'second', '--hostname', 'host2');
  run('shared', '--network', 'container:one');
  run('lone');
  const known = () => [ask('one', 'second'), ask('shared', 'host2'), ask('two', 'one')];
  assert.deepEqual(known(), ['10.84.0.3', '10.84.0.3', '10.84.0.2']);

  const sockets = () => readdirSync(`/proc/${engine.pid}/fd`).length;
  await engine.kill();
  assert.equal(ask('one', 'second'), undefined);
  await engine.restart();
  assert.deepEqual(known(), ['10.84.0.3', '10.84.0.3', '10.84.0.2']);
  const table = docker('inspect', '-f', '{{.State.Pid}}', 'one');
  const rules = execFileSync('nsenter', ['-t', table, '-n', 'nft', 'list', 'ruleset'], { encoding: 'utf8' });
  assert.equal(rules.match(/dnat/g)?.length, 2, 'the rules of the daemon before are gone');

  const before = sockets();
  docker('network', 'connect', '--alias', 'late', 'front', 'lone');
  assert.match(docker('exec', 'lone', 'cat', '/etc/resolv.conf'), /^nameserver 127\.0\.0\.11\n/);
  assert.deepEqual([ask('lone', 'one'), ask('one', 'late')], ['10.84.0.2', '10.84.0.4']);
  await engine.kill();
  await engine.restart();
  assert.deepEqual([ask('lone', 'one'), ask('one', 'late')], ['10.84.0.2', '10.84.0.4']);
  docker('rm', '-f', 'lone');
  assert.equal(ask('one', 'late'), undefined);
  docker('restart', '-t', '0', 'two');
  assert.equal(ask('one', 'host2'), '10.84.0.3');
  docker('rm', '-f', 'one', 'two', 'shared');
  for (let tries = 0; sockets() > before - 4; tries += 1) {
    assert.ok(tries < 100, `${sockets()} descriptors, of ${before}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
