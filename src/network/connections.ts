import { crashPoint } from '#base/crash-point.ts';
import { forbidden, messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import type { Attached } from './attached.ts';
import { ContainerLinks } from './container-links.ts';
import { attachmentOf, endpointView, newEndpoint } from './endpoints.ts';
import { gatewayEndpoint, routeBy } from './gateway.ts';
import type { HostSide } from './host-side.ts';
import type { NetworkTable } from './network-table.ts';
import type { Endpoint, RunningContainer, WantedNetwork } from './networks.ts';
import { connectPlan, routePlan } from './plan.ts';
import type { EndpointRecord, NetworkRecord } from './records.ts';

export interface ConnectionsParts {
  readonly attached: Attached;
  readonly table: NetworkTable;
  readonly host: HostSide;
  readonly log: Log;
}

/**
 * Networks of containers that run, as they come and go. An endpoint whose making or unmaking is under way says so in its
 * row: what a crash leaves of one, the next boot unmakes, and makes again when its container wants it.
 */
export class Connections {
  readonly #parts: ConnectionsParts;

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  async connect(container: RunningContainer, wanted: WantedNetwork): Promise<EndpointRecord> {
    const { attached, table, host } = this.#parts;
    const { containerId } = container;
    const network = table.get(wanted.network);
    const others = attached.of(containerId);
    if (others.some(({ networkId }) => networkId === network.record.id))
      throw forbidden(
        `endpoint with name ${attached.nameOf(containerId)} already exists in network ${network.record.name}`,
      );
    const inside = new ContainerLinks(container.namespace);
    const position = inside.freePosition(new Set(others.map((other) => other.position)));
    const endpoint = newEndpoint(containerId, wanted, network, { position, indexes: host.indexes });
    attached.add({ ...endpoint, unfinished: true });
    crashPoint('network.connect.recorded');
    try {
      await this.#makeLink(endpoint, container, inside);
      crashPoint('network.connect.linked');
      await this.#lead(container, inside, { from: others, to: attached.of(containerId) });
      container.follow(this.#views(others), this.#views(attached.of(containerId)));
      crashPoint('network.connect.followed');
    } catch (error) {
      await this.#undo(container, inside, endpoint);
      throw error;
    }
    attached.change(endpoint);
    return endpoint;
  }

  /** @returns what it was; nothing when there was none */
  async disconnect(container: RunningContainer, networkId: string): Promise<EndpointRecord | undefined> {
    const { attached } = this.#parts;
    const endpoint = attached.of(container.containerId).find((one) => one.networkId === networkId);
    if (endpoint === undefined) return undefined;
    attached.change({ ...endpoint, unfinished: true });
    crashPoint('network.disconnect.recorded');
    await this.#unmake(container, new ContainerLinks(container.namespace), endpoint);
    return endpoint;
  }

  async #makeLink(
    endpoint: EndpointRecord,
    { ports }: RunningContainer,
    inside: ContainerLinks,
  ): Promise<void> {
    const { table, host } = this.#parts;
    const network = table.byId(endpoint.networkId);
    const attachment = attachmentOf(endpoint, network, { hairpin: ports.length > 0 });
    if (attachment === undefined) return;
    const plan = connectPlan(attachment);
    for (const datagram of inside.hostDatagrams(plan)) await host.links.requestAsync('link add', datagram);
    await inside.play(plan);
    await host.settle(endpoint, network);
  }

  /** Default route and published ports, when other endpoints than before give them. */
  async #lead(
    { containerId, ports }: RunningContainer,
    inside: ContainerLinks,
    change: { readonly from: readonly EndpointRecord[]; readonly to: readonly EndpointRecord[] },
  ): Promise<void> {
    const { attached, host } = this.#parts;
    const before = gatewayEndpoint(change.from, this.#recordOf);
    const gateway = gatewayEndpoint(change.to, this.#recordOf);
    if (gateway?.networkId === before?.networkId) return;
    const route = gateway && routeBy(gateway, this.#recordOf(gateway.networkId));
    if (route !== undefined) await inside.play(routePlan(route));
    if (ports.length === 0) return;
    const redirections = attached.redirectionsOf(containerId);
    attached.publishBy(containerId, ports, gateway);
    host.withdraw(redirections);
    await host.redirect(attached.redirectionsOf(containerId));
  }

  async #unmake(
    container: RunningContainer,
    inside: ContainerLinks,
    endpoint: EndpointRecord,
  ): Promise<void> {
    const { attached, host, log } = this.#parts;
    const all = attached.of(container.containerId);
    const rest = all.filter((one) => one.networkId !== endpoint.networkId);
    try {
      await this.#lead(container, inside, { from: all, to: rest });
    } catch (error) {
      // The container has made its other interfaces useless, or a port was taken meanwhile: no reason to keep this one.
      log.warn('no default route or ports by another network', {
        id: container.containerId,
        error: messageOf(error),
      });
    }
    await host.removePort(endpoint);
    crashPoint('network.disconnect.unlinked');
    container.follow(this.#views(all), this.#views(rest));
    attached.remove(endpoint);
  }

  async #undo(container: RunningContainer, inside: ContainerLinks, endpoint: EndpointRecord): Promise<void> {
    try {
      await this.#unmake(container, inside, endpoint);
    } catch (error) {
      this.#parts.log.error('cannot undo a connection', {
        id: container.containerId,
        error: messageOf(error),
      });
    }
  }

  #views(endpoints: readonly EndpointRecord[]): Endpoint[] {
    return endpoints.map((endpoint) => endpointView(endpoint, this.#parts.table.byId(endpoint.networkId)));
  }

  readonly #recordOf = (id: string): NetworkRecord => this.#parts.table.byId(id).record;
}
