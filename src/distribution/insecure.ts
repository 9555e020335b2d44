import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { invalid } from '#base/errors.ts';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Whether an address is this machine's own, by its name alone. */
export function isLoopback({ hostname }: Pick<URL, 'hostname'>): boolean {
  const name = hostname.replace(/^\[|\]$/g, '');
  const family = isIP(name);
  return name === 'localhost' || (family !== 0 && loopback.check(name, family === 4 ? 'ipv4' : 'ipv6'));
}

/** Which hosts may be reached without TLS or with any certificate: loopback, and those listed. */
export class InsecureHosts {
  readonly #hosts = new Set<string>();
  readonly #networks = new BlockList();
  #hasNetworks = false;

  /** @throws {EngineError} `invalid` for an entry that is neither host nor network */
  constructor(entries: readonly string[]) {
    for (const entry of entries) this.#add(entry.replace(/^https?:\/\//, ''));
  }

  #add(entry: string): void {
    const [address = '', prefix] = entry.split('/');
    if (prefix === undefined) {
      this.#hosts.add(entry);
      return;
    }
    const family = isIP(address);
    if (family === 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > (family === 4 ? 32 : 128))
      throw invalid(`insecure registry ${entry} is not valid: invalid host or network`);
    this.#networks.addSubnet(address, Number(prefix), family === 4 ? 'ipv4' : 'ipv6');
    this.#hasNetworks = true;
  }

  /** By name alone, without asking a name server. */
  hasName(url: URL): boolean {
    const name = url.hostname.replace(/^\[|\]$/g, '');
    return isLoopback(url) || this.#hosts.has(url.host) || this.#hosts.has(name) || this.#hasAddress(name);
  }

  /** The same, and where networks are listed the addresses of the name too. */
  async has(url: URL): Promise<boolean> {
    if (this.hasName(url)) return true;
    if (!this.#hasNetworks || isIP(url.hostname) !== 0) return false;
    const addresses = await lookup(url.hostname, { all: true }).catch(() => []);
    return addresses.some(({ address }) => isLoopback({ hostname: address }) || this.#hasAddress(address));
  }

  #hasAddress(address: string): boolean {
    const family = isIP(address);
    return family !== 0 && this.#networks.check(address, family === 4 ? 'ipv4' : 'ipv6');
  }
}
