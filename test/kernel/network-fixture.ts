import assert from 'node:assert/strict';
import { createLog, type Log } from '#base/index.ts';
import {
  type AttachRequest,
  type Networks,
  type NetworksOptions,
  openNetworks,
  type PortRequest,
  type Sandbox,
} from '#network/index.ts';
import { Database } from '#state/index.ts';
import { enterFreshHost, Namespace, play, TestSocket } from './network-namespaces.ts';

/** A host of its own with networks open, and what they log. */
export interface TestHost extends AsyncDisposable {
  readonly namespace: Namespace;
  readonly networks: Networks;
  readonly log: string[];
  /** A container: its namespace with its plan played. */
  container(id: string, options?: Partial<AttachRequest>): Promise<TestContainer>;
}

export interface TestContainer extends Disposable {
  readonly id: string;
  readonly namespace: Namespace;
  readonly sandbox: Sandbox;
  readonly address: string;
}

/** @param where `here`: in the namespace that the thread is in already */
export async function openHost(options: Partial<NetworksOptions> = {}, where?: 'here'): Promise<TestHost> {
  const namespace = where === 'here' ? Namespace.current() : enterFreshHost();
  const log: string[] = [];
  const networks = openNetworks({ database: new Database(':memory:'), log: logInto(log), ...options });
  await networks.restore(new Set());
  return {
    namespace,
    networks,
    log,
    container: (id, request) => startContainer(networks, id, request),
    [Symbol.asyncDispose]: async () => {
      await networks.close();
      namespace[Symbol.dispose]();
    },
  };
}

export const logInto = (lines: string[]): Log =>
  createLog({ level: 'debug', write: (line) => lines.push(line) });

export async function startContainer(
  networks: Networks,
  id: string,
  request: Partial<AttachRequest> = {},
): Promise<TestContainer> {
  const sandbox = await networks.attach({
    containerId: id,
    networks: [{ network: 'bridge' }],
    ports: [],
    ...request,
  });
  const namespace = Namespace.fresh();
  play(sandbox.plan, namespace);
  await networks.settle(id);
  return {
    id,
    namespace,
    sandbox,
    address: sandbox.endpoints[0]?.address ?? '',
    [Symbol.dispose]: () => namespace[Symbol.dispose](),
  };
}

/** `8080:80`, `127.0.0.1:8080:80/udp`, `8000-8005:80`, `:80`. */
export function port(text: string): PortRequest {
  const [, hostIp = '', first, last, container, protocol = 'tcp'] =
    /^(?:([\d.]+):)?(\d*)(?:-(\d+))?:(\d+)(?:\/(\w+))?$/.exec(text) ?? [];
  return {
    containerPort: Number(container),
    protocol: protocol as PortRequest['protocol'],
    hostIp,
    hostPort: Number(first || 0),
    ...(last === undefined ? {} : { hostPortEnd: Number(last) }),
  };
}

/** Connects from one namespace to a server in another and passes a word each way. @returns the address that the server sees */
export async function talk(
  from: Namespace,
  [ip, hostPort]: readonly [string, number],
  server: TestSocket,
): Promise<string> {
  using client = TestSocket.open('tcp', from, ip.includes(':') ? 6 : 4);
  assert.equal(await client.connect(ip, hostPort), 0, `connect to ${ip}:${hostPort}`);
  const { client: accepted, from: seen } = await server.accept();
  using peer = accepted;
  await client.send('ping');
  assert.equal(await peer.receive(), 'ping');
  await peer.send('pong');
  assert.equal(await client.receive(), 'pong');
  return seen;
}

/** The same with datagrams. */
export async function talkUdp(
  from: Namespace,
  [ip, hostPort]: readonly [string, number],
  server: TestSocket,
): Promise<string> {
  using client = TestSocket.open('udp', from, ip.includes(':') ? 6 : 4);
  assert.equal(await client.connect(ip, hostPort), 0);
  await client.send('ping');
  const [, seen] = await Promise.all([server.answer(), client.receive()]);
  return seen;
}

/** Asserts that nothing answers. @param how `silence`: packets are dropped; `refusal`: turned away */
export async function unreachable(from: Namespace, [ip, hostPort]: readonly [string, number]): Promise<void> {
  using client = TestSocket.open('tcp', from);
  assert.notEqual(await client.connect(ip, hostPort), 0, `${ip}:${hostPort} answers`);
}
