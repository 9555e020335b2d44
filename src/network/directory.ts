import type {
  Network,
  NetworkCreateRequest,
  NetworkCreateResponse,
  NetworkPruneResponse,
} from '#api/index.ts';
import { conflict, forbidden } from '#base/errors.ts';
import { shortId } from '#base/id.ts';
import type { Events, Filters } from '#events/index.ts';
import type { SubnetPool } from './address-pool.ts';
import { matchesNetwork, matchesPrune } from './filters.ts';
import type { HostSide } from './host-side.ts';
import { isPredefined, type LiveNetwork, type NetworkTable } from './network-table.ts';
import type { NetworkDirectory } from './networks.ts';
import { newNetwork } from './new-network.ts';
import type { EndpointRecord } from './records.ts';
import { networkView } from './wire.ts';

export interface DirectoryParts {
  readonly table: NetworkTable;
  readonly host: HostSide;
  readonly pools: readonly SubnetPool[];
  readonly endpointsOn: (networkId: string) => readonly EndpointRecord[];
  readonly containerName: (containerId: string) => string;
  /** Tells the firewall of networks that came or went. */
  readonly filter: () => void;
  readonly events?: Events | undefined;
  readonly now: () => Date;
}

/** Networks as people see, make and remove them. */
export class Directory implements NetworkDirectory {
  readonly #parts: DirectoryParts;

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  async list(filters: Filters = {}): Promise<readonly Network[]> {
    const isUsed = ({ record }: LiveNetwork) => this.#parts.endpointsOn(record.id).length > 0;
    return this.#parts.table
      .all()
      .filter((network) => matchesNetwork(filters, network.record, isUsed(network)))
      .map(({ record }) => networkView(record, []));
  }

  async inspect(reference: string): Promise<Network> {
    const { record } = this.#parts.table.get(reference);
    const named = this.#parts.endpointsOn(record.id).map((endpoint) => ({
      endpoint,
      name: this.#parts.containerName(endpoint.containerId),
    }));
    return networkView(record, named);
  }

  async create(request: NetworkCreateRequest): Promise<NetworkCreateResponse> {
    const { table, host, pools, now } = this.#parts;
    const name = request.Name ?? '';
    if (isPredefined(name)) throw forbidden(`operation is not permitted on predefined ${name} network`);
    if (table.named(name) !== undefined) throw conflict(`network with name ${name} already exists`);
    const others = table.all().flatMap(({ record }) => record.bridge ?? []);
    const record = newNetwork(request, {
      others,
      routes: host.links.routes(),
      links: host.links,
      pools,
      now: now(),
    });
    const network = table.put(record);
    try {
      host.raiseBridge(network);
      this.#parts.filter();
    } catch (error) {
      await this.#drop(network);
      throw error;
    }
    this.#tell('create', network);
    return { Id: record.id, Warning: '' };
  }

  async remove(reference: string): Promise<void> {
    const network = this.#parts.table.get(reference);
    const { id, name } = network.record;
    if (isPredefined(name)) throw forbidden(`${name} is a pre-defined network and cannot be removed`);
    const active = this.#parts.endpointsOn(id);
    if (active.length > 0) throw forbidden(this.#activeEndpoints(name, active));
    await this.#drop(network);
    this.#tell('destroy', network);
  }

  async prune(filters: Filters = {}): Promise<NetworkPruneResponse> {
    const isUnused = ({ record, isLeaving }: LiveNetwork) =>
      !isPredefined(record.name) && !isLeaving && this.#parts.endpointsOn(record.id).length === 0;
    const matching = this.#parts.table
      .all()
      .filter(isUnused)
      .filter(({ record }) => matchesPrune(filters, record, this.#parts.now()));
    const unused: LiveNetwork[] = [];
    for (const network of matching) {
      if (!isUnused(network)) continue;
      await this.#drop(network);
      this.#tell('destroy', network);
      unused.push(network);
    }
    this.#parts.events?.publish({ type: 'network', action: 'prune', id: '', attributes: { reclaimed: '0' } });
    return { NetworksDeleted: unused.length === 0 ? null : unused.map(({ record }) => record.name) };
  }

  /** The row goes last: what a crash leaves of the link, the next boot takes up again. */
  async #drop(network: LiveNetwork): Promise<void> {
    network.isLeaving = true;
    try {
      await this.#parts.host.removeBridge(network);
      this.#parts.table.remove(network.record.id);
    } catch (error) {
      network.isLeaving = false;
      throw error;
    }
    this.#parts.filter();
  }

  #activeEndpoints(name: string, active: readonly EndpointRecord[]): string {
    const shown = active.map(
      ({ containerId, endpointId }) =>
        `name:"${this.#parts.containerName(containerId)}" id:"${shortId(endpointId)}"`,
    );
    return `error while removing network: network ${name} has active endpoints (${shown.join(', ')})`;
  }

  #tell(action: 'create' | 'destroy', { record }: LiveNetwork): void {
    const { id, name, driver: type } = record;
    this.#parts.events?.publish({ type: 'network', action, id, attributes: { name, type } });
  }
}
