import type { EndpointSettings } from '#api/index.ts';
import { crashPoint } from '#base/crash-point.ts';
import type { Log } from '#base/log.ts';
import type { Events } from '#events/index.ts';
import type { Database } from '#state/index.ts';
import { dockersPools } from './address-pool.ts';
import { Attached } from './attached.ts';
import { Connections } from './connections.ts';
import { Directory } from './directory.ts';
import { Resolvers } from './dns/resolvers.ts';
import { checkSettings } from './endpoint-settings.ts';
import { endpointView, newEndpoint, planFor } from './endpoints.ts';
import type { Firewall } from './firewall.ts';
import { gatewayEndpoint } from './gateway.ts';
import { HostSide } from './host-side.ts';
import { NetworkTable } from './network-table.ts';
import type {
  AttachRequest,
  KnownNetwork,
  NamedContainer,
  NetworkDirectory,
  Networks,
  PublishedPort,
  RunningContainer,
  Sandbox,
  WantedNetwork,
} from './networks.ts';
import type { BridgeOptions } from './predefined.ts';
import { type EndpointRecord, NetworkRows, type PortRecord } from './records.ts';

export interface EngineNetworksOptions {
  readonly database: Database;
  readonly firewall: Firewall;
  readonly bridge: BridgeOptions;
  readonly log: Log;
  readonly events?: Events;
  readonly now: () => Date;
}

/** Networks on this host's kernel: bridges, veths and one firewall table, over rows that were there before them. */
export class EngineNetworks implements Networks {
  readonly directory: NetworkDirectory;
  readonly #options: EngineNetworksOptions;
  readonly #table: NetworkTable;
  readonly #host: HostSide;
  readonly #attached: Attached;
  readonly #connections: Connections;
  readonly #resolvers: Resolvers;
  /** Endpoints whose links the boot did not find. */
  #unlinked: ReadonlySet<string> = new Set();
  #state: 'opened' | 'restored' | 'closed' = 'opened';

  constructor(options: EngineNetworksOptions) {
    this.#options = options;
    const { log } = options;
    const rows = new NetworkRows(options.database);
    const table = new NetworkTable(rows);
    const host = new HostSide(options);
    const attached: Attached = new Attached({
      ...{ rows, table, indexes: host.indexes, log },
      changed: (before, after) => resolvers.changed(before, after),
    });
    const resolvers = new Resolvers({
      ...{ attached, table, log },
      redirects: options.firewall.name !== 'none',
    });
    this.#table = table;
    this.#host = host;
    this.#attached = attached;
    this.#resolvers = resolvers;
    this.#connections = new Connections({ attached, table, host, log });
    this.directory = new Directory({
      ...options,
      table,
      host,
      pools: options.bridge.pools ?? dockersPools,
      endpointsOn: (id) => attached.on(id),
      containerName: (id) => attached.nameOf(id),
      filter: () => host.rebuildFirewall(table, attached.redirections()),
    });
  }

  find(reference: string): KnownNetwork {
    const { id, name, driver } = this.#table.get(reference).record;
    return { id, name, driver };
  }

  checkSettings(reference: string, settings: EndpointSettings): void {
    checkSettings(this.#table.get(reference).record, settings);
  }

  async restore(running: ReadonlySet<string>): Promise<void> {
    const { bridge, now } = this.#options;
    this.#host.recordPredefined(this.#table, bridge, now());
    this.#attached.takeBack(running);
    await this.#host.raise(this.#table, this.#attached.all());
    this.#host.rebuildFirewall(this.#table, this.#attached.redirections());
    const links = new Set(['', ...this.#host.links.list().map(({ name }) => name)]);
    const unlinked = this.#attached.all().filter(({ linkName }) => !links.has(linkName));
    this.#unlinked = new Set(unlinked.map(({ endpointId }) => endpointId));
    this.#state = 'restored';
  }

  async attach(request: AttachRequest): Promise<Sandbox> {
    const { containerId, ports } = request;
    await this.release(containerId);
    const endpoints = request.networks.map((wanted, position) =>
      newEndpoint(containerId, wanted, this.#table.get(wanted.network), {
        position,
        indexes: this.#host.indexes,
      }),
    );
    const plan = planFor(endpoints, (id) => this.#table.byId(id), { hairpin: ports.length > 0 });
    const published = gatewayEndpoint(endpoints, (id) => this.#table.byId(id).record);
    this.#attached.take(containerId, endpoints, { ports, published });
    crashPoint('network.attach.recorded');
    try {
      const redirections = this.#attached.redirectionsOf(containerId);
      if (redirections.length > 0) await this.#host.redirect(redirections);
    } catch (error) {
      await this.release(containerId);
      throw error;
    }
    for (const endpoint of endpoints) this.#tell('connect', endpoint);
    return { ...this.sandboxOf(containerId), plan };
  }

  async settle(containerId: string): Promise<void> {
    for (const endpoint of this.#attached.of(containerId))
      await this.#host.settle(endpoint, this.#table.byId(endpoint.networkId));
  }

  async connect(container: RunningContainer, wanted: WantedNetwork): Promise<void> {
    this.#tell('connect', await this.#connections.connect(container, wanted));
  }

  async disconnect(container: RunningContainer, networkId: string): Promise<void> {
    const endpoint = await this.#connections.disconnect(container, networkId);
    if (endpoint !== undefined) this.#tell('disconnect', endpoint);
  }

  tellLeft(containerId: string, networkId: string): void {
    this.#tell('disconnect', { containerId, networkId });
  }

  unfinished(containerId: string): readonly string[] {
    return this.#attached
      .of(containerId)
      .filter(({ unfinished, endpointId }) => unfinished || this.#unlinked.has(endpointId))
      .map(({ networkId }) => this.#table.byId(networkId).record.name);
  }

  serveNames(container: NamedContainer): Promise<void> {
    return this.#resolvers.serve(container);
  }

  renamed(containerId: string): void {
    this.#resolvers.renamed(containerId);
  }

  async release(containerId: string): Promise<void> {
    this.#resolvers.close(containerId);
    if (!this.#attached.has(containerId)) return;
    const endpoints = this.#attached.of(containerId);
    const redirections = this.#attached.redirectionsOf(containerId);
    this.#attached.release(containerId);
    crashPoint('network.release.recorded');
    this.#host.withdraw(redirections);
    for (const endpoint of endpoints) this.#tell('disconnect', endpoint);
  }

  sandboxOf(containerId: string): Omit<Sandbox, 'plan'> {
    const endpoints = this.#attached.of(containerId);
    return {
      endpoints: endpoints.map((endpoint) => endpointView(endpoint, this.#table.byId(endpoint.networkId))),
      ports: this.#attached.portsOf(containerId).map(portView),
    };
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    const idle = this.#state === 'restored' && this.#attached.size === 0;
    this.#state = 'closed';
    this.#resolvers[Symbol.dispose]();
    this.#attached[Symbol.dispose]();
    if (idle) await this.#host.dismantle(this.#table);
    this.#host.close();
  }

  #tell(
    action: 'connect' | 'disconnect',
    { networkId: id, containerId: container }: Pick<EndpointRecord, 'networkId' | 'containerId'>,
  ): void {
    const { name, driver: type } = this.#table.byId(id).record;
    this.#options.events?.publish({ type: 'network', action, id, attributes: { container, name, type } });
  }
}

const portView = ({ containerPort, protocol, hostIp, hostPort }: PortRecord): PublishedPort => ({
  containerPort,
  protocol,
  hostIp,
  hostPort,
});
