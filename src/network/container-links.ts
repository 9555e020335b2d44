import { type Link, listLinks } from '#linux/netlink-host.ts';
import { NETLINK, NetlinkSocket } from '#linux/netlink-socket.ts';
import { interfaceIndex, interfaceName, type NetworkPlan } from './plan.ts';

/** Where the descriptor of a namespace goes in a datagram that names one, and how. */
const FD_BYTES = 4;

/** The interfaces of a container that runs: what of a plan is inside it, played by this process. */
export class ContainerLinks {
  readonly #namespace: number;

  /** @param namespace a descriptor of its network namespace, open for as long as this is used */
  constructor(namespace: number) {
    this.#namespace = namespace;
  }

  list(): Link[] {
    using socket = this.#socket();
    return listLinks(socket);
  }

  /** The first `eth…` whose name and index nothing in the container has. */
  freePosition(taken: ReadonlySet<number>): number {
    const links = this.list();
    const [names, indexes] = [
      new Set(links.map(({ name }) => name)),
      new Set(links.map(({ index }) => index)),
    ];
    let position = 0;
    while (taken.has(position) || names.has(interfaceName(position)) || indexes.has(interfaceIndex(position)))
      position += 1;
    return position;
  }

  /** The datagrams of the host's side, with the namespace where each names it. */
  hostDatagrams({ host }: NetworkPlan): Uint8Array[] {
    return host.map(({ bytes, netnsFdOffset }) => {
      const copy = Buffer.from(bytes);
      if (netnsFdOffset !== undefined) copy.writeIntLE(this.#namespace, netnsFdOffset, FD_BYTES);
      return copy;
    });
  }

  async play({ inner }: NetworkPlan): Promise<void> {
    using socket = this.#socket();
    for (const datagram of inner) await socket.requestAsync('configure interface', datagram);
  }

  #socket(): NetlinkSocket {
    return new NetlinkSocket(NETLINK.ROUTE, this.#namespace);
  }
}
