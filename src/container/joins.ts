import type { EndpointSettings, NetworkConnectRequest, NetworkDisconnectRequest } from '#api/index.ts';
import { crashPoint } from '#base/crash-point.ts';
import { conflict, EngineError, forbidden, internal, invalid } from '#base/errors.ts';
import { containerNamespace } from '#network/namespace.ts';
import type { KnownNetwork, RunningContainer } from '#network/networks.ts';
import type { Container } from './container.ts';
import type { ContainerNetworks } from './containers.ts';
import { followAddresses } from './network-files.ts';
import { publishedPorts, wantedNetwork } from './networking.ts';
import { serveNames } from './resolver.ts';
import type { Rooms } from './rooms.ts';
import { peerOf } from './spec/namespaces.ts';

const refusal = {
  host: 'container cannot be disconnected from host network or connected to host network',
  shared:
    'container sharing network namespace with another container or host cannot be connected to any other network',
  none: 'container cannot be connected to multiple networks with one of the networks in private (none) mode',
} as const;

/** Containers join and leave networks, whether they run or not. The record comes first: a boot makes the rest follow it. */
export class Joins implements ContainerNetworks {
  readonly #rooms: Rooms;

  constructor(rooms: Rooms) {
    this.#rooms = rooms;
  }

  async connect(reference: string, request: NetworkConnectRequest): Promise<void> {
    const { id } = this.#get(request.Container);
    using _held = await this.#rooms.locks.acquire(id);
    const container = this.#rooms.store.get(id);
    checkAlive(container);
    await join(container, { reference, settings: asAsked(request.EndpointConfig) }, this.#rooms);
  }

  async disconnect(reference: string, request: NetworkDisconnectRequest): Promise<void> {
    const { store, locks, networks } = this.#rooms;
    const forced = request.Force === true;
    if (forced && request.Container && store.find(request.Container) === undefined) {
      networks.find(reference);
      throw new EngineError('notFound', `endpoint ${request.Container} not found`);
    }
    const { id } = this.#get(request.Container);
    using _held = await locks.acquire(id);
    const container = store.get(id);
    checkAlive(container);
    const network = findNetwork(reference, this.#rooms);
    if (network === undefined && container.task !== undefined && !forced) networks.find(reference);
    await leave(container, { network, name: network?.name ?? reference }, this.#rooms);
  }

  #get(reference = ''): Container {
    if (reference === '') throw invalid('invalid name or ID supplied: ""');
    return this.#rooms.store.get(reference);
  }
}

function checkAlive({ id, state: { status } }: Container): void {
  if (status === 'removing' || status === 'dead')
    throw conflict(
      `Container ${id} is marked for removal and cannot be connected or disconnected to the network`,
    );
}

/** Undefined when there is none. @throws `invalid` when it is ambiguous */
function findNetwork(reference: string, { networks }: Rooms): KnownNetwork | undefined {
  try {
    return networks.find(reference);
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

/** What was set of it: a client's empty strings and zeros are nothing. */
function asAsked(settings: EndpointSettings | undefined): EndpointSettings {
  const isSet = ([, value]: [string, unknown]) => value !== '' && value !== 0;
  const { IPAMConfig: addresses, ...rest } = settings ?? {};
  return {
    ...Object.fromEntries(Object.entries(rest).filter(isSet)),
    ...(addresses && { IPAMConfig: Object.fromEntries(Object.entries(addresses).filter(isSet)) }),
  };
}

async function join(
  container: Container,
  { reference, settings }: { readonly reference: string; readonly settings: EndpointSettings },
  rooms: Rooms,
): Promise<void> {
  const { networks, store } = rooms;
  const network = networks.find(reference);
  const before = container.record.networks;
  networks.checkSettings(network.id, settings);
  if (Object.hasOwn(before, network.name)) {
    // dockerd, too, leaves what a container that does not run has asked for, and says nothing
    if (container.task === undefined) return;
    throw forbidden(`endpoint with name ${container.name} already exists in network ${network.name}`);
  }
  checkTogether(container, network);
  store.rewrite(container, { networks: { ...before, [network.name]: settings } });
  crashPoint('container.networks:recorded');
  try {
    await whileRunning(container, rooms, (running) =>
      networks.connect(running, wantedNetwork(container.record, network.name)),
    );
  } catch (error) {
    store.rewrite(container, { networks: before });
    throw error;
  }
}

function checkTogether({ record: { hostConfig, networks: joined } }: Container, network: KnownNetwork): void {
  const mode = hostConfig.NetworkMode;
  if (peerOf(mode) !== undefined) throw invalid(refusal.shared);
  if (mode === 'host') throw invalid(refusal.shared);
  if (network.driver === 'host') throw invalid(refusal.host);
  const names = Object.keys(joined);
  if (names.includes('none') || (network.driver === 'null' && names.length > 0)) throw invalid(refusal.none);
}

async function leave(
  container: Container,
  { network, name }: { readonly network: KnownNetwork | undefined; readonly name: string },
  rooms: Rooms,
): Promise<void> {
  const { id, record } = container;
  const isRunning = container.task !== undefined && network !== undefined;
  const { [name]: _left, ...rest } = record.networks;
  if (!Object.hasOwn(record.networks, name))
    throw internal(`container ${id} is not connected to ${isRunning ? '' : 'the '}network ${name}`);
  if (name === 'host') throw invalid(refusal.host);
  rooms.store.rewrite(container, { networks: rest });
  crashPoint('container.networks:recorded');
  if (network === undefined) return;
  if (container.task === undefined) rooms.networks.tellLeft(id, network.id);
  await whileRunning(container, rooms, (running) => rooms.networks.disconnect(running, network.id));
}

/**
 * Changes the networks of a container that runs, and its files with them. One that has just ended counts as down, though
 * its end is still to be recorded: it has no namespace any more.
 */
async function whileRunning(
  container: Container,
  rooms: Rooms,
  act: (running: RunningContainer) => Promise<void>,
): Promise<void> {
  const { task, record, id } = container;
  if (task === undefined) return;
  using namespace = await containerNamespace(task.pid, async () => (await task.pids()).includes(task.pid));
  if (namespace === undefined) return;
  await act({
    containerId: id,
    ports: publishedPorts(record),
    namespace: namespace.fd,
    follow: (before, after) => followAddresses(container, { before, after }, rooms),
  });
  await serveNames(container, task, rooms);
  rooms.store.touch(container);
}

/**
 * Makes a running container's networks what its record says, where a crash has left them otherwise. The record counts: it
 * is what the person asked for last, and what the next start goes by.
 */
export async function bringTogether(container: Container, rooms: Rooms): Promise<void> {
  const { networks } = rooms;
  const { id, record } = container;
  if (peerOf(record.hostConfig.NetworkMode) !== undefined) return;
  const wanted = Object.keys(record.networks);
  const unfinished = networks.unfinished(id);
  const has = networks.sandboxOf(id).endpoints;
  const wrong = has.filter(
    ({ networkName }) => !wanted.includes(networkName) || unfinished.includes(networkName),
  );
  const whole = new Set(has.filter((one) => !wrong.includes(one)).map(({ networkName }) => networkName));
  const missing = wanted.filter((name) => !whole.has(name));
  if (wrong.length + missing.length === 0) return;
  await whileRunning(container, rooms, async (running) => {
    for (const { networkId } of wrong) await networks.disconnect(running, networkId);
    for (const name of missing) await networks.connect(running, wantedNetwork(record, name));
  });
  rooms.log.info('networks made as recorded', {
    id,
    left: wrong.map(({ networkName }) => networkName),
    joined: missing,
  });
}
