import { shortId } from '#base/id.ts';
import type { EndpointRecord } from '../records.ts';
import { isTellable, lowerCase } from './message.ts';

/** An endpoint under its names. */
export interface NamedEndpoint {
  readonly endpoint: EndpointRecord;
  /** The container's. */
  readonly name: string;
}

/** Who is on one network. */
interface OneNetwork {
  readonly byName: Map<string, Set<NamedEndpoint>>;
  readonly byAddress: Map<number, NamedEndpoint>;
}

/** Where the name of one container is asked: a network that the asker is on, and its own names for others there. */
export interface AskedNetwork {
  readonly networkId: string;
  readonly networkName: string;
  /** `web:db`: the asker says `db` for `web`. */
  readonly links: readonly string[];
}

/** Which addresses go by which names, network by network: kept as endpoints come and go, so that asking is a look-up. */
export class NetworkNames {
  readonly #networks = new Map<string, OneNetwork>();

  add(named: NamedEndpoint): void {
    const { networkId, address } = named.endpoint;
    const network = this.#networks.getOrInsertComputed(networkId, () => ({
      byName: new Map(),
      byAddress: new Map(),
    }));
    for (const name of namesOf(named)) network.byName.getOrInsertComputed(name, () => new Set()).add(named);
    network.byAddress.set(address, named);
  }

  remove(named: NamedEndpoint): void {
    const { networkId, address } = named.endpoint;
    const network = this.#networks.get(networkId);
    if (network === undefined) return;
    for (const name of namesOf(named)) {
      const bearers = network.byName.get(name);
      bearers?.delete(named);
      if (bearers?.size === 0) network.byName.delete(name);
    }
    if (network.byAddress.get(address) === named) network.byAddress.delete(address);
    if (network.byAddress.size === 0) this.#networks.delete(networkId);
  }

  /**
   * The addresses of a name: as it is, on each of the networks in turn; then without its last labels, on the network whose
   * name they are.
   *
   * @param name in lower case, without a dot at its end
   * @returns none when nobody is called so
   */
  addressesOf(name: string, networks: readonly AskedNetwork[]): number[] {
    for (let end = name.length; end > 0; end = name.lastIndexOf('.', end - 1)) {
      const suffix = name.slice(end + 1);
      for (const network of networks) {
        if (suffix !== '' && lowerCase(network.networkName) !== suffix) continue;
        const found = this.#on(network, name.slice(0, end));
        if (found.length > 0) return found;
      }
    }
    return [];
  }

  /** `web.front`, for an address on one of the networks; undefined when it is nobody's. */
  nameOf(address: number, networks: readonly AskedNetwork[]): string | undefined {
    for (const { networkId, networkName } of networks) {
      const named = this.#networks.get(networkId)?.byAddress.get(address);
      const name = named && `${named.name}.${networkName}`;
      if (name !== undefined && isTellable(name)) return name;
    }
    return undefined;
  }

  #on({ networkId, links }: AskedNetwork, name: string): number[] {
    const bearers = this.#networks.get(networkId)?.byName;
    const link = links.map(partsOfLink).find(({ alias }) => alias === name);
    return [...(bearers?.get(link?.name ?? name) ?? [])].map(({ endpoint }) => endpoint.address);
  }
}

function partsOfLink(link: string): { readonly name: string; readonly alias: string } {
  const [name = '', alias = name] = lowerCase(link).replace(/^\//, '').split(':');
  return { name, alias: alias.slice(alias.lastIndexOf('/') + 1) };
}

function namesOf({ endpoint, name }: NamedEndpoint): ReadonlySet<string> {
  const { containerId, aliases, hostname } = endpoint;
  const all = [name, shortId(containerId), ...aliases, ...(hostname === undefined ? [] : [hostname])];
  return new Set(all.map((each) => lowerCase(each).replace(/\.$/, '')));
}
