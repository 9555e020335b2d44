import { type ChildProcess, spawn } from 'node:child_process';
import { checked, nr, sys } from '#linux/index.ts';
import { openHost, port } from '../test/kernel/network-fixture.ts';
import { type Namespace, TestSocket } from '../test/kernel/network-namespaces.ts';
import { median } from './measure.ts';

/**
 * Measures, on a host of its own, a container's port reached directly over the bridge and through the host's published
 * port, in turn; prints JSON. As a child (`sink`) it is the server: it reads all that comes, or sends back each byte.
 */

const BULK_PORT = 80;
const ECHO_PORT = 81;
const CHUNK = Buffer.alloc(1 << 20);
const BULK_BYTES = 1 << 30;
const ECHOES = 2000;
const TURNS = 9;

export interface NetworkFigures {
  /** Bytes a second. */
  readonly throughput: { readonly bridge: number; readonly published: number; readonly ratio: number };
  /** Microseconds from a byte sent to its answer. */
  readonly roundTrip: { readonly bridge: number; readonly published: number; readonly ratio: number };
  /** Milliseconds, median: an attach, without and with a published port. */
  readonly attach: { readonly plain: number; readonly published: number };
}

if (process.argv[2] === 'sink') serve(Number(process.argv[3]));
else process.stdout.write(`${JSON.stringify(await measure())}\n`);

/** Serves one client after another, blocking: nothing but the system calls is measured. */
function serve(servedPort: number): never {
  const address = Buffer.alloc(16);
  address.writeUInt16LE(2, 0);
  address.writeUInt16BE(servedPort, 2);
  const listener = checked('socket', sys(nr.socket, 2, 1, 0));
  checked('bind', sys(nr.bind, listener, address, 16));
  checked('listen', sys(nr.listen, listener, 16));
  process.stdout.write('listening\n');
  for (;;) {
    const client = checked('accept', sys(nr.accept4, listener, null, null, 0));
    for (let length = 1; length > 0; ) {
      length = sys(nr.recvfrom, client, CHUNK, CHUNK.length, 0, null, null);
      if (servedPort === ECHO_PORT && length > 0) sys(nr.sendto, client, CHUNK, length, 0, null, 0);
    }
    sys(nr.close, client);
  }
}

function startServer(namespace: Namespace, servedPort: number): Promise<ChildProcess> {
  const child = namespace.run(() =>
    spawn(process.execPath, [import.meta.filename, 'sink', String(servedPort)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  return new Promise((resolve) => child.stdout!.once('data', () => resolve(child)));
}

async function measure(): Promise<NetworkFigures> {
  await using host = await openHost();
  const attach = await attachTimes(host.networks);
  using web = await host.container('web', { ports: [port(`8080:${BULK_PORT}`), port(`8081:${ECHO_PORT}`)] });
  const servers = [await startServer(web.namespace, BULK_PORT), await startServer(web.namespace, ECHO_PORT)];
  try {
    const bridge = (to: number) => [web.address, to] as const;
    const published = (to: number) => ['127.0.0.1', to] as const;
    return {
      throughput: await inTurn(
        () => bulk(host.namespace, bridge(80)),
        () => bulk(host.namespace, published(8080)),
      ),
      roundTrip: await inTurn(
        () => echo(host.namespace, bridge(81)),
        () => echo(host.namespace, published(8081)),
      ),
      attach,
    };
  } finally {
    for (const server of servers) server.kill('SIGKILL');
    await host.networks.release('web');
  }
}

/** Medians of both, and of what the second is to the first, pair by pair. */
async function inTurn(first: () => Promise<number>, second: () => Promise<number>) {
  const pairs: [number, number][] = [];
  for (let turn = -1; turn < TURNS; turn += 1) {
    const pair: [number, number] = [await first(), await second()];
    if (turn >= 0) pairs.push(pair);
  }
  return {
    bridge: median(pairs.map(([one]) => one)),
    published: median(pairs.map(([, other]) => other)),
    ratio: median(pairs.map(([one, other]) => other / one)),
  };
}

async function bulk(from: Namespace, [ip, to]: readonly [string, number]): Promise<number> {
  using client = TestSocket.open('tcp', from);
  checked('connect', await client.connect(ip, to));
  const start = process.hrtime.bigint();
  for (let sent = 0; sent < BULK_BYTES; )
    sent += checked('send', sys(nr.sendto, client.fd, CHUNK, CHUNK.length, 0, null, 0));
  return BULK_BYTES / (Number(process.hrtime.bigint() - start) / 1e9);
}

async function echo(from: Namespace, [ip, to]: readonly [string, number]): Promise<number> {
  using client = TestSocket.open('tcp', from);
  checked('connect', await client.connect(ip, to));
  const start = process.hrtime.bigint();
  for (let sent = 0; sent < ECHOES; sent += 1) {
    checked('send', sys(nr.sendto, client.fd, CHUNK, 1, 0, null, 0));
    checked('recv', sys(nr.recvfrom, client.fd, CHUNK, 1, 0, null, null));
  }
  return Number(process.hrtime.bigint() - start) / 1e3 / ECHOES;
}

type Networks = Awaited<ReturnType<typeof openHost>>['networks'];

async function attachTimes(networks: Networks): Promise<NetworkFigures['attach']> {
  const times = { plain: [] as number[], published: [] as number[] };
  for (let turn = 0; turn < 100; turn += 1) {
    for (const kind of ['plain', 'published'] as const) {
      const ports = kind === 'plain' ? [] : [port('9000:80')];
      const start = process.hrtime.bigint();
      await networks.attach({ containerId: kind, networks: [{ network: 'bridge' }], ports });
      times[kind].push(Number(process.hrtime.bigint() - start) / 1e6);
      await networks.release(kind);
    }
  }
  return { plain: median(times.plain), published: median(times.published) };
}
