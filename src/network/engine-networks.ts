import { crashPoint } from '#base/crash-point.ts';
import { conflict, messageOf } from '#base/errors.ts';
import { shortId } from '#base/id.ts';
import type { Log } from '#base/log.ts';
import type { Events } from '#events/index.ts';
import type { Database } from '#state/index.ts';
import { dockersPools } from './address-pool.ts';
import { Directory } from './directory.ts';
import { endpointView, newEndpoint, planFor } from './endpoints.ts';
import type { Firewall, Redirection } from './firewall.ts';
import { HostSide } from './host-side.ts';
import { NetworkTable } from './network-table.ts';
import type { AttachRequest, NetworkDirectory, Networks, PublishedPort, Sandbox } from './networks.ts';
import type { BridgeOptions } from './predefined.ts';
import { PublishedPorts, redirectionsOf } from './published-ports.ts';
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
  readonly #rows: NetworkRows;
  readonly #table: NetworkTable;
  readonly #host: HostSide;
  readonly #ports = new PublishedPorts();
  readonly #endpoints = new Map<string, readonly EndpointRecord[]>();
  #state: 'opened' | 'restored' | 'closed' = 'opened';

  constructor(options: EngineNetworksOptions) {
    this.#options = options;
    this.#rows = new NetworkRows(options.database);
    this.#table = new NetworkTable(this.#rows);
    this.#host = new HostSide(options);
    this.directory = new Directory({
      ...options,
      table: this.#table,
      host: this.#host,
      pools: options.bridge.pools ?? dockersPools,
      endpointsOn: (id) => [...this.#endpoints.values()].flat().filter(({ networkId }) => networkId === id),
      containerName: (id) => this.#nameOf(id),
      filter: () => this.#filter(),
    });
  }

  async restore(running: ReadonlySet<string>): Promise<void> {
    const { bridge, now } = this.#options;
    this.#host.recordPredefined(this.#table, bridge, now());
    this.#takeBack(running);
    await this.#host.raise(this.#table, [...this.#endpoints.values()].flat());
    const redirections = [...this.#endpoints.keys()].flatMap((id) =>
      this.#redirectionsOf(this.#ports.of(id)),
    );
    this.#host.rebuildFirewall(this.#table, redirections);
    this.#state = 'restored';
  }

  async attach(request: AttachRequest): Promise<Sandbox> {
    await this.release(request.containerId);
    const endpoints = request.networks.map((wanted, position) =>
      newEndpoint(request.containerId, wanted, this.#table.get(wanted.network), {
        position,
        indexes: this.#host.indexes,
      }),
    );
    const plan = planFor(endpoints, (id) => this.#table.byId(id), { hairpin: request.ports.length > 0 });
    const ports = this.#take(request, endpoints);
    crashPoint('network.attach.recorded');
    try {
      if (ports.length > 0) await this.#host.redirect(this.#redirectionsOf(ports));
    } catch (error) {
      await this.release(request.containerId);
      throw error;
    }
    this.#tell('connect', endpoints);
    return { ...this.sandboxOf(request.containerId), plan };
  }

  async settle(containerId: string): Promise<void> {
    for (const { linkName, networkId } of this.#endpoints.get(containerId) ?? []) {
      const bridge = this.#table.byId(networkId).record.bridge;
      if (bridge !== undefined) await this.#host.links.settle(linkName, bridge.linkName);
    }
  }

  async release(containerId: string): Promise<void> {
    const endpoints = this.#endpoints.get(containerId);
    if (endpoints === undefined) return;
    const redirections = this.#redirectionsOf(this.#ports.of(containerId));
    this.#rows.removeContainer(containerId);
    crashPoint('network.release.recorded');
    this.#forget(containerId, endpoints);
    this.#host.withdraw(redirections);
    this.#tell('disconnect', endpoints);
  }

  sandboxOf(containerId: string): Omit<Sandbox, 'plan'> {
    const endpoints = this.#endpoints.get(containerId) ?? [];
    return {
      endpoints: endpoints.map((endpoint) => endpointView(endpoint, this.#table.byId(endpoint.networkId))),
      ports: this.#ports.of(containerId).map(portView),
    };
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    const idle = this.#state === 'restored' && this.#endpoints.size === 0;
    this.#state = 'closed';
    this.#ports[Symbol.dispose]();
    if (idle) await this.#host.dismantle(this.#table);
    this.#host.close();
  }

  /** Takes what an attach needs: endpoints, leases and ports in one transaction, and in memory. */
  #take(request: AttachRequest, endpoints: readonly EndpointRecord[]): readonly PortRecord[] {
    const published = endpoints.find(({ linkName }) => linkName !== '');
    try {
      return this.#rows.transaction(() => {
        for (const endpoint of endpoints) this.#rows.putEndpoint(endpoint);
        const ports = published === undefined ? [] : this.#takePorts(request, published);
        for (const port of ports) this.#rows.putPort(port);
        this.#remember(request.containerId, endpoints);
        return ports;
      });
    } catch (error) {
      this.#forget(request.containerId, endpoints);
      throw error;
    }
  }

  #takePorts(request: AttachRequest, endpoint: EndpointRecord): readonly PortRecord[] {
    const hostBinding = this.#table.byId(endpoint.networkId).record.bridge?.hostBinding ?? '0.0.0.0';
    try {
      return this.#ports.take(request.ports, endpoint, hostBinding);
    } catch (error) {
      const name = this.#nameOf(request.containerId);
      const what = `driver failed programming external connectivity on endpoint ${name} (${endpoint.endpointId})`;
      throw conflict(`${what}: ${messageOf(error)}`, { cause: error });
    }
  }

  #nameOf(containerId: string): string {
    return this.#rows.containerName(containerId) ?? shortId(containerId);
  }

  /** The firewall afresh, for the networks and ports that there are. */
  #filter(): void {
    const redirections = [...this.#endpoints.keys()].flatMap((id) =>
      this.#redirectionsOf(this.#ports.of(id)),
    );
    this.#host.rebuildFirewall(this.#table, redirections);
  }

  #remember(containerId: string, endpoints: readonly EndpointRecord[]): void {
    for (const { networkId, address } of endpoints) this.#table.byId(networkId).pool?.take(address);
    this.#endpoints.set(containerId, endpoints);
  }

  #forget(containerId: string, endpoints: readonly EndpointRecord[]): void {
    this.#ports.release(containerId);
    this.#endpoints.delete(containerId);
    for (const { networkId, address, linkIndex } of endpoints) {
      this.#table.byId(networkId).pool?.give(address);
      this.#host.indexes.give(linkIndex);
    }
  }

  /** Keeps what running containers have, and forgets the rest. */
  #takeBack(running: ReadonlySet<string>): void {
    const endpoints = Map.groupBy(this.#rows.endpoints(), ({ containerId }) => containerId);
    for (const [containerId, theirs] of endpoints) {
      if (!running.has(containerId)) this.#rows.removeContainer(containerId);
      else
        this.#remember(
          containerId,
          theirs.toSorted((a, b) => a.position - b.position),
        );
    }
    const ports = Map.groupBy(
      this.#rows.ports(),
      ({ containerId, networkId }) => `${containerId} ${networkId}`,
    );
    for (const theirs of ports.values()) this.#takeBackPorts(theirs);
  }

  #takeBackPorts(ports: readonly PortRecord[]): void {
    const endpoint = this.#endpointOf(ports[0]);
    if (endpoint === undefined) return;
    for (const { hostIp, hostPort, protocol } of this.#ports.retake(ports, endpoint))
      this.#options.log.warn('published port is in use by another program', { hostIp, hostPort, protocol });
  }

  #redirectionsOf(ports: readonly PortRecord[]): Redirection[] {
    const endpoint = this.#endpointOf(ports[0]);
    return endpoint === undefined ? [] : redirectionsOf(ports, endpoint);
  }

  #endpointOf(port: PortRecord | undefined): EndpointRecord | undefined {
    const endpoints = port === undefined ? undefined : this.#endpoints.get(port.containerId);
    return endpoints?.find(({ networkId }) => networkId === port?.networkId);
  }

  #tell(action: 'connect' | 'disconnect', endpoints: readonly EndpointRecord[]): void {
    for (const { networkId: id, containerId: container } of endpoints) {
      const { name, driver: type } = this.#table.byId(id).record;
      this.#options.events?.publish({ type: 'network', action, id, attributes: { container, name, type } });
    }
  }
}

const portView = ({ containerPort, protocol, hostIp, hostPort }: PortRecord): PublishedPort => ({
  containerPort,
  protocol,
  hostIp,
  hostPort,
});
