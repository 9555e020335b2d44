import { tlsSettings } from './certificates.ts';
import type { Challenge } from './challenge.ts';
import { InsecureHosts, isLoopback } from './insecure.ts';
import type { RegistryConfig } from './registry-config.ts';
import { ConnectionError } from './registry-error.ts';
import { type HttpRequest, type HttpResponse, Transport } from './transport.ts';

/** A registry at one address, with what it asked of us last. */
export interface Origin {
  /** `https://registry-1.docker.io`: scheme and host. */
  readonly base: URL;
  readonly isMirror: boolean;
  challenges: readonly Challenge[];
}

const defaultRegistry = 'https://registry-1.docker.io';

/** The addresses where registries are, and the connections to them. */
export class Origins implements Disposable {
  readonly #config: RegistryConfig;
  readonly #transports = new Map<string, Transport>();
  #hosts: InsecureHosts;
  #listed: readonly string[];

  constructor(config: RegistryConfig) {
    this.#config = config;
    this.#listed = config.insecureRegistries;
    this.#hosts = new InsecureHosts(this.#listed);
  }

  /** The configuration's lists may be put in place while the engine runs. */
  #refresh(): void {
    if (this.#listed === this.#config.insecureRegistries) return;
    this.#listed = this.#config.insecureRegistries;
    this.#hosts = new InsecureHosts(this.#listed);
    for (const origin of [...this.#transports.keys()]) this.#retire(origin);
  }

  #retire(origin: string): void {
    this.#transports.get(origin)?.retire();
    this.#transports.delete(origin);
  }

  /**
   * Where to look for repositories of a domain, in order: mirrors, then the registry itself. Of each group the first
   * that answers is the one: an insecure host is tried with TLS, then without.
   */
  async groupsOf(
    domain: string,
    options: { readonly mirrors: boolean },
  ): Promise<readonly (readonly Origin[])[]> {
    this.#refresh();
    const isDefault = domain === 'docker.io';
    const mirrors = isDefault && options.mirrors ? this.#config.mirrors : [];
    const own = isDefault ? (this.#config.defaultRegistry ?? defaultRegistry) : domain;
    const groups = mirrors.map((mirror) => this.#group(mirror, true));
    return Promise.all([...groups, this.#group(own, false)]);
  }

  async #group(address: string, isMirror: boolean): Promise<readonly Origin[]> {
    const origin = (url: string): Origin => ({ base: new URL(url), isMirror, challenges: [] });
    if (/^https?:\/\//.test(address)) return [origin(address)];
    const secure = origin(`https://${address}`);
    return (await this.#hosts.has(secure.base)) ? [secure, origin(`http://${address}`)] : [secure];
  }

  /** Whether the default registry is one that the configuration names. */
  get hasDefault(): boolean {
    return this.#config.defaultRegistry !== undefined;
  }

  /** Whether secrets may go to a host without TLS. */
  isInsecure(url: URL): boolean {
    return this.#hosts.hasName(url);
  }

  /** Sends to wherever the address says, with that host's certificates. */
  async send(request: HttpRequest): Promise<HttpResponse> {
    const { userAgent = 'hoist' } = this.#config;
    const headers = { 'user-agent': userAgent, ...request.headers };
    try {
      return await (await this.#transport(request.url)).send({ ...request, headers });
    } catch (error) {
      // Its certificates may be put right before the next try.
      if (error instanceof ConnectionError && request.url.protocol === 'https:')
        this.#retire(request.url.origin);
      throw error;
    }
  }

  async #transport(url: URL): Promise<Transport> {
    const known = this.#transports.get(url.origin);
    if (known !== undefined) return known;
    const transport = new Transport(await this.#tls(url), { proxied: !isLoopback(url) });
    this.#transports.set(url.origin, transport);
    return transport;
  }

  async #tls(url: URL) {
    if (url.protocol !== 'https:') return { rejectUnauthorized: true };
    const insecure = await this.#hosts.has(url);
    return tlsSettings(url.host, { folders: this.#config.certificateFolders, insecure });
  }

  [Symbol.dispose](): void {
    for (const transport of this.#transports.values()) transport[Symbol.dispose]();
    this.#transports.clear();
  }
}
