import type {
  EndpointSettings,
  Network,
  NetworkCreateRequest,
  NetworkCreateResponse,
  NetworkPruneResponse,
} from '#api/index.ts';
import type { Filters } from '#events/index.ts';
import type { HeldNamespace } from './namespace.ts';
import type { NetworkPlan } from './plan.ts';
import type { NameServer } from './resolv-conf.ts';

/** One port that a container publishes, as asked for: `hostPort` 0 is any free one, `hostIp` '' is every address. */
export interface PortRequest {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIp: string;
  readonly hostPort: number;
  /** The end of a range of acceptable host ports, inclusive. */
  readonly hostPortEnd?: number;
}

/** The same as given. */
export interface PublishedPort {
  readonly containerPort: number;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostIp: string;
  readonly hostPort: number;
}

/** What a container has on one network while it runs: the fields of inspect's `NetworkSettings.Networks`. */
export interface Endpoint {
  readonly networkId: string;
  readonly networkName: string;
  readonly endpointId: string;
  readonly address: string;
  readonly prefixLength: number;
  readonly gateway: string;
  readonly macAddress: string;
  readonly aliases: readonly string[];
}

/** A container's network, ready to be played by the runtime (`plan`), and what was acquired for it. */
export interface Sandbox {
  readonly endpoints: readonly Endpoint[];
  readonly ports: readonly PublishedPort[];
  readonly plan: NetworkPlan;
}

export interface AttachRequest {
  readonly containerId: string;
  /** In the order of the container's interfaces. */
  readonly networks: readonly WantedNetwork[];
  readonly ports: readonly PortRequest[];
}

/** What a container wants of one network. */
export interface WantedNetwork {
  /** A name or an id. */
  readonly network: string;
  readonly address?: string;
  readonly macAddress?: string;
  readonly aliases?: readonly string[];
  /** `web:db`: the container says `db` for the other's name `web` on this network. */
  readonly links?: readonly string[];
  /** Others on the network know it by this, too. */
  readonly hostname?: string;
  /** The network of the highest gives the default route; 0 when absent. */
  readonly gatewayPriority?: number;
}

/** A container that runs, as its networks change. */
export interface RunningContainer {
  readonly containerId: string;
  /** What it publishes, by whichever network gives its default route. */
  readonly ports: readonly PortRequest[];
  /** A descriptor of its network namespace. */
  readonly namespace: number;
  /** Hears of what it has now and will have, before the change counts as done: after a crash, again. */
  readonly follow: (before: readonly Endpoint[], after: readonly Endpoint[]) => void;
}

/** A container whose programs are to resolve names at 127.0.0.11. */
export interface NamedContainer {
  readonly containerId: string;
  /** Its network namespace; undefined when it has just ended. */
  readonly hold: () => Promise<HeldNamespace | undefined>;
  /** Who answers what its networks do not know, in the order in which they are asked. */
  readonly servers: readonly NameServer[];
}

/** A network that there is, for those who only name it. */
export interface KnownNetwork {
  readonly id: string;
  readonly name: string;
  readonly driver: 'bridge' | 'host' | 'null';
}

/** Networks as people see, make and remove them: what the API's `/networks` offers. A reference is an id, its unique beginning, or a name. */
export interface NetworkDirectory {
  list(filters?: Filters): Promise<readonly Network[]>;
  /** @throws `notFound` (`network web not found`) */
  inspect(reference: string): Promise<Network>;
  /** @throws `conflict` when the name is taken, `forbidden` when the subnet overlaps another's, `invalid` */
  create(request: NetworkCreateRequest): Promise<NetworkCreateResponse>;
  /** @throws `forbidden` when containers run on it, or it is one of Docker's own */
  remove(reference: string): Promise<void>;
  prune(filters?: Filters): Promise<NetworkPruneResponse>;
}

/**
 * Networks of the engine, and the endpoints, leases and published ports of its containers. The bridge network `bridge`,
 * and `host` and `none`, always exist.
 *
 * Every acquisition is a row before it is a fact, so that `restore` at boot can compare.
 */
export interface Networks {
  readonly directory: NetworkDirectory;
  /** By id, by name, or by an id's unique beginning. @throws `notFound` (`network web not found`), `invalid` when ambiguous */
  find(reference: string): KnownNetwork;
  /** Refuses what cannot be had of a network. @throws `invalid`, `unsupported`, in Docker's words */
  checkSettings(reference: string, settings: EndpointSettings): void;
  /** Makes bridge, NAT table and default networks as configured; removes what no running container owns. */
  restore(running: ReadonlySet<string>): Promise<void>;
  /**
   * Takes addresses and ports for a container that is about to start. @throws `notFound` network, `conflict` port or address in use,
   * with Docker's wording (`driver failed programming external connectivity … Bind for 0.0.0.0:80 failed: port is already allocated`)
   */
  attach(request: AttachRequest): Promise<Sandbox>;
  /**
   * To be called once the plan has been played, before the container's program runs: its links pass packets from then
   * on. Without it the kernel gets to that in its own time, and what is sent before is lost (and sent again a second later).
   */
  settle(containerId: string): Promise<void>;
  /**
   * Gives a running container an interface on one more network, and what comes of that: another default route, published
   * ports that lead there. Whatever fails, the container has what it had.
   *
   * @throws `conflict` for a port in use, `forbidden` for an address in use and when it has the network
   */
  connect(container: RunningContainer, wanted: WantedNetwork): Promise<void>;
  /** Takes a network from a container that runs. Fine when it has no interface there. */
  disconnect(container: RunningContainer, networkId: string): Promise<void>;
  /** Tells of a network that a container which does not run no longer wants. */
  tellLeft(containerId: string, networkId: string): void;
  /** Those of a container's networks that it does not have whole, a crash having come between: to be found after `restore`. */
  unfinished(containerId: string): readonly string[];
  /**
   * Answers a container's questions for names, at 127.0.0.11 of its namespace, until it is released: before its program
   * runs, and again after each boot. That it cannot be done is logged, and is no reason for anything to fail. Fine when
   * it is done already.
   */
  serveNames(container: NamedContainer): Promise<void>;
  /** A running container has another name. */
  renamed(containerId: string): void;
  /** Gives back all that `attach` took. Fine when there is nothing. Never waits for the namespace's teardown. */
  release(containerId: string): Promise<void>;
  /** What a running container has now. */
  sandboxOf(containerId: string): {
    readonly endpoints: readonly Endpoint[];
    readonly ports: readonly PublishedPort[];
  };
  close(): Promise<void>;
}
