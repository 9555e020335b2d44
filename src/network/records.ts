import type { Database } from '#state/index.ts';
import type { Range } from './ipv4.ts';

/** A network as it is kept. Options and labels stay as they were asked for. */
export interface NetworkRecord {
  readonly id: string;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'null';
  readonly createdAt: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly ipamOptions: Readonly<Record<string, string>> | null;
  /** Of a bridge network only. */
  readonly bridge?: BridgeRecord;
}

export interface BridgeRecord {
  readonly linkName: string;
  /** Whether the link is ours to delete. */
  readonly managed: boolean;
  readonly subnet: Range;
  readonly gateway: number;
  /** What containers' addresses are taken from: the subnet, or the part of it that was asked for. */
  readonly pool: Range;
  /** Whether `pool` was asked for. */
  readonly poolGiven: boolean;
  /** Whether `subnet` was chosen for the network, nobody having asked for it. */
  readonly subnetChosen?: true;
  /** Addresses that are given to nobody, by name. */
  readonly reserved: Readonly<Record<string, number>>;
  readonly mtu: number;
  /** Containers may reach one another. */
  readonly connected: boolean;
  readonly masquerade: boolean;
  /** Where ports are published that name no address. */
  readonly hostBinding: string;
}

/** A container's attachment to one network, as it is kept. Addresses are 0 where the network has none. */
export interface EndpointRecord {
  readonly containerId: string;
  readonly networkId: string;
  readonly endpointId: string;
  /** Which of the container's interfaces it is: 0 is `eth0`. */
  readonly position: number;
  readonly address: number;
  readonly macAddress: string;
  readonly linkName: string;
  readonly linkIndex: number;
  readonly aliases: readonly string[];
  /** `web:db`: the container says `db` for the other's name `web` on this network. */
  readonly links?: readonly string[];
  /** The container's, when it is not its short id. */
  readonly hostname?: string;
  /** The network of the highest gives the default route; 0 when absent. */
  readonly gatewayPriority?: number;
  /** A running container is being connected or disconnected: what the kernel has of it is not known. */
  readonly unfinished?: true;
}

/** A port of the host that is a container's. */
export interface PortRecord {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIp: string;
  readonly hostPort: number;
  readonly containerId: string;
  readonly networkId: string;
  readonly containerPort: number;
}

/** The rows of networks, endpoints, leases and published ports. */
export class NetworkRows {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** All of it, or nothing. */
  transaction<T>(change: () => T): T {
    return this.#database.transaction(change);
  }

  networks(): NetworkRecord[] {
    const rows = this.#database.all<{ record: string }>(
      'SELECT record FROM network ORDER BY created_at, name',
    );
    return rows.map((row) => JSON.parse(row.record) as NetworkRecord);
  }

  putNetwork(network: NetworkRecord): void {
    const { id, name, driver, createdAt } = network;
    this.#database.run(
      `INSERT INTO network (id, name, driver, created_at, record) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET name = excluded.name, record = excluded.record`,
      id,
      name,
      driver,
      createdAt,
      JSON.stringify(network),
    );
  }

  removeNetwork(id: string): void {
    this.#database.run('DELETE FROM network WHERE id = ?', id);
  }

  endpoints(): EndpointRecord[] {
    const rows = this.#database.all<{ record: string }>('SELECT record FROM endpoint');
    return rows.map((row) => JSON.parse(row.record) as EndpointRecord);
  }

  /** An endpoint with its address's lease. */
  putEndpoint(endpoint: EndpointRecord): void {
    const { containerId, networkId, address } = endpoint;
    this.#database.run(
      'INSERT INTO endpoint (container_id, network_id, record) VALUES (?, ?, ?)',
      containerId,
      networkId,
      JSON.stringify(endpoint),
    );
    if (address === 0) return;
    this.#database.run(
      'INSERT INTO lease (network_id, address, container_id) VALUES (?, ?, ?)',
      networkId,
      address,
      containerId,
    );
  }

  /** The same endpoint, with the same address, told otherwise. */
  changeEndpoint(endpoint: EndpointRecord): void {
    this.#database.run(
      'UPDATE endpoint SET record = ? WHERE container_id = ? AND network_id = ?',
      JSON.stringify(endpoint),
      endpoint.containerId,
      endpoint.networkId,
    );
  }

  /** One endpoint of a container and its lease. */
  removeEndpoint({ containerId, networkId }: EndpointRecord): void {
    this.transaction(() => {
      this.#database.run(
        'DELETE FROM lease WHERE container_id = ? AND network_id = ?',
        containerId,
        networkId,
      );
      this.#database.run(
        'DELETE FROM endpoint WHERE container_id = ? AND network_id = ?',
        containerId,
        networkId,
      );
    });
  }

  ports(): PortRecord[] {
    return this.#database.all<PortRecord>(
      `SELECT protocol, host_ip AS hostIp, host_port AS hostPort, container_id AS containerId,
              network_id AS networkId, container_port AS containerPort
       FROM published_port`,
    );
  }

  putPort(port: PortRecord): void {
    this.#database.run(
      `INSERT INTO published_port (protocol, host_ip, host_port, container_id, network_id, container_port)
       VALUES (?, ?, ?, ?, ?, ?)`,
      port.protocol,
      port.hostIp,
      port.hostPort,
      port.containerId,
      port.networkId,
      port.containerPort,
    );
  }

  removePorts(containerId: string): void {
    this.#database.run('DELETE FROM published_port WHERE container_id = ?', containerId);
  }

  /** Everything that a container has. */
  removeContainer(containerId: string): void {
    this.transaction(() => {
      this.removePorts(containerId);
      this.#database.run('DELETE FROM lease WHERE container_id = ?', containerId);
      this.#database.run('DELETE FROM endpoint WHERE container_id = ?', containerId);
    });
  }

  containerName(containerId: string): string | undefined {
    return this.#database.get<{ name: string }>('SELECT name FROM container WHERE id = ?', containerId)?.name;
  }
}
