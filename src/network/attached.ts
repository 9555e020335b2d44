import { conflict, messageOf } from '#base/errors.ts';
import { shortId } from '#base/id.ts';
import type { Log } from '#base/log.ts';
import type { LinkIndexes } from './endpoints.ts';
import type { Redirection } from './firewall.ts';
import type { NetworkTable } from './network-table.ts';
import type { PortRequest } from './networks.ts';
import { PublishedPorts, redirectionsOf } from './published-ports.ts';
import type { EndpointRecord, NetworkRows, PortRecord } from './records.ts';

export interface AttachedParts {
  readonly rows: NetworkRows;
  readonly table: NetworkTable;
  readonly indexes: LinkIndexes;
  readonly log: Log;
  /** Hears of every change of what a container has. */
  readonly changed?: (before: readonly EndpointRecord[], after: readonly EndpointRecord[]) => void;
}

/** What containers have of networks: endpoints with their leases, and published ports. Rows first, and the same in memory. */
export class Attached implements Disposable {
  readonly #parts: AttachedParts;
  readonly #ports = new PublishedPorts();
  readonly #endpoints = new Map<string, readonly EndpointRecord[]>();

  constructor(parts: AttachedParts) {
    this.#parts = parts;
  }

  /** How many containers have something. */
  get size(): number {
    return this.#endpoints.size;
  }

  has(containerId: string): boolean {
    return this.#endpoints.has(containerId);
  }

  of(containerId: string): readonly EndpointRecord[] {
    return this.#endpoints.get(containerId) ?? [];
  }

  all(): readonly EndpointRecord[] {
    return [...this.#endpoints.values()].flat();
  }

  on(networkId: string): readonly EndpointRecord[] {
    return this.all().filter((endpoint) => endpoint.networkId === networkId);
  }

  portsOf(containerId: string): readonly PortRecord[] {
    return this.#ports.of(containerId);
  }

  nameOf(containerId: string): string {
    return this.#parts.rows.containerName(containerId) ?? shortId(containerId);
  }

  /** What the firewall is told of a container's ports. */
  redirectionsOf(containerId: string): Redirection[] {
    const ports = this.#ports.of(containerId);
    const endpoint = this.of(containerId).find(({ networkId }) => networkId === ports[0]?.networkId);
    return endpoint === undefined ? [] : redirectionsOf(ports, endpoint);
  }

  redirections(): Redirection[] {
    return [...this.#endpoints.keys()].flatMap((id) => this.redirectionsOf(id));
  }

  /** Takes all that a container's start needs, in one transaction. Ports lead to `published`. */
  take(
    containerId: string,
    endpoints: readonly EndpointRecord[],
    wanted: { readonly ports: readonly PortRequest[]; readonly published: EndpointRecord | undefined },
  ): void {
    const { rows } = this.#parts;
    try {
      rows.transaction(() => {
        for (const endpoint of endpoints) rows.putEndpoint(endpoint);
        if (wanted.published !== undefined) this.#takePorts(wanted.ports, wanted.published);
        this.#remember(containerId, endpoints);
      });
    } catch (error) {
      this.#forget(containerId);
      for (const endpoint of endpoints) this.#giveBack(endpoint);
      throw error;
    }
  }

  /** Everything that a container has is another's to take. */
  release(containerId: string): void {
    const endpoints = this.of(containerId);
    this.#parts.rows.removeContainer(containerId);
    this.#forget(containerId);
    for (const endpoint of endpoints) this.#giveBack(endpoint);
  }

  add(endpoint: EndpointRecord): void {
    try {
      this.#parts.rows.transaction(() => this.#parts.rows.putEndpoint(endpoint));
    } catch (error) {
      this.#giveBack(endpoint);
      throw error;
    }
    this.#remember(endpoint.containerId, [...this.of(endpoint.containerId), endpoint]);
  }

  change(endpoint: EndpointRecord): void {
    this.#parts.rows.changeEndpoint(endpoint);
    const isSame = ({ networkId }: EndpointRecord) => networkId === endpoint.networkId;
    const all = this.of(endpoint.containerId).map((one) => (isSame(one) ? endpoint : one));
    this.#set(endpoint.containerId, all);
  }

  /** Its address is another's to take from now on. A container keeps its place here when it was the last. */
  remove(endpoint: EndpointRecord): void {
    this.#parts.rows.removeEndpoint(endpoint);
    const rest = this.of(endpoint.containerId).filter(({ networkId }) => networkId !== endpoint.networkId);
    this.#set(endpoint.containerId, rest);
    this.#giveBack(endpoint);
  }

  /**
   * Publishes a container's ports by another endpoint, or none. They stay the host's ports that they are, unless the
   * networks publish on different addresses of the host.
   */
  publishBy(containerId: string, ports: readonly PortRequest[], to: EndpointRecord | undefined): void {
    const { rows } = this.#parts;
    const before = this.#ports.of(containerId);
    rows.transaction(() => {
      rows.removePorts(containerId);
      if (to === undefined) this.#ports.release(containerId);
      else if (before.length > 0 && this.#bindingOf(before[0]?.networkId) === this.#bindingOf(to.networkId)) {
        this.#ports.move(to);
        for (const port of this.#ports.of(containerId)) rows.putPort(port);
      } else {
        this.#ports.release(containerId);
        this.#takePorts(ports, to);
      }
    });
  }

  /** Keeps what running containers have, and forgets the rest. */
  takeBack(running: ReadonlySet<string>): void {
    const { rows } = this.#parts;
    for (const [containerId, theirs] of Map.groupBy(rows.endpoints(), (endpoint) => endpoint.containerId)) {
      if (!running.has(containerId)) rows.removeContainer(containerId);
      else
        this.#remember(
          containerId,
          theirs.toSorted((a, b) => a.position - b.position),
        );
    }
    const byEndpoint = ({ containerId, networkId }: PortRecord) => `${containerId} ${networkId}`;
    for (const theirs of Map.groupBy(rows.ports(), byEndpoint).values()) this.#takeBackPorts(theirs);
  }

  /** Closes every socket; the records stay whose they are. */
  [Symbol.dispose](): void {
    this.#ports[Symbol.dispose]();
  }

  #takePorts(requests: readonly PortRequest[], endpoint: EndpointRecord): void {
    try {
      const taken = this.#ports.take(requests, endpoint, this.#bindingOf(endpoint.networkId));
      for (const port of taken) this.#parts.rows.putPort(port);
    } catch (error) {
      const name = this.nameOf(endpoint.containerId);
      const what = `driver failed programming external connectivity on endpoint ${name} (${endpoint.endpointId})`;
      throw conflict(`${what}: ${messageOf(error)}`, { cause: error });
    }
  }

  #bindingOf(networkId: string | undefined): string {
    const network = networkId === undefined ? undefined : this.#parts.table.byId(networkId);
    return network?.record.bridge?.hostBinding ?? '0.0.0.0';
  }

  #takeBackPorts(ports: readonly PortRecord[]): void {
    const [first] = ports;
    const endpoint = this.of(first?.containerId ?? '').find(
      ({ networkId }) => networkId === first?.networkId,
    );
    if (endpoint === undefined) return;
    for (const { hostIp, hostPort, protocol } of this.#ports.retake(ports, endpoint))
      this.#parts.log.warn('published port is in use by another program', { hostIp, hostPort, protocol });
  }

  #remember(containerId: string, endpoints: readonly EndpointRecord[]): void {
    for (const { networkId, address } of endpoints) this.#parts.table.byId(networkId).pool?.take(address);
    this.#set(containerId, endpoints);
  }

  #set(containerId: string, endpoints: readonly EndpointRecord[]): void {
    const before = this.of(containerId);
    this.#endpoints.set(containerId, endpoints);
    this.#parts.changed?.(before, endpoints);
  }

  #forget(containerId: string): void {
    this.#ports.release(containerId);
    const before = this.of(containerId);
    this.#endpoints.delete(containerId);
    this.#parts.changed?.(before, []);
  }

  #giveBack({ networkId, address, linkIndex }: EndpointRecord): void {
    this.#parts.table.byId(networkId).pool?.give(address);
    this.#parts.indexes.give(linkIndex);
  }
}
