import type { Log } from '#base/log.ts';
import { forgetUdpConversations } from '#linux/netlink-conntrack.ts';
import { HostLinks } from '#linux/netlink-host.ts';
import type { Database } from '#state/index.ts';
import { ensureBridge, removeBridge, removeLink, removeOrphans } from './bridge.ts';
import { LinkIndexes } from './endpoints.ts';
import { type Firewall, noFirewall, type Redirection } from './firewall.ts';
import { enableForwarding, restoreForwarding } from './forwarding.ts';
import type { LiveNetwork, NetworkTable } from './network-table.ts';
import { type BridgeOptions, predefinedRecords } from './predefined.ts';
import type { EndpointRecord } from './records.ts';

/** What is said where the kernel has no nftables. */
export const withoutFirewall =
  'nftables is not there: ports are published by the proxy alone, and containers reach no further than this host';

const rivalWarning =
  'another firewall drops forwarded packets by default: containers reach nothing beyond this host unless it lets their bridge through';

/** The networks' part in this host's kernel: bridges, their ports, forwarding and the firewall. */
export class HostSide {
  readonly links = new HostLinks();
  readonly indexes = new LinkIndexes();
  readonly #database: Database;
  readonly #log: Log;
  #firewall: Firewall;
  #enabledForwarding = false;
  #forgetting = Promise.resolve();

  constructor(options: { readonly database: Database; readonly log: Log; readonly firewall: Firewall }) {
    this.#database = options.database;
    this.#log = options.log;
    this.#firewall = options.firewall;
  }

  /** Records `bridge`, `host` and `none` as configured. */
  recordPredefined(table: NetworkTable, bridge: BridgeOptions, now: Date): void {
    const own = this.links.find(bridge.name ?? '');
    const known = (name: string) => table.named(name)?.record;
    const others = table.all().filter(({ record }) => record.name !== 'bridge');
    const used = [
      ...this.links.routes(own?.index),
      ...others.flatMap(({ record }) => record.bridge?.subnet ?? []),
    ];
    for (const record of predefinedRecords(bridge, known, { links: this.links, used, now }))
      table.put(record);
  }

  /** Makes every bridge, and removes ports that belong to no endpoint. A user's network whose bridge fails is left without. */
  async raise(table: NetworkTable, endpoints: readonly EndpointRecord[]): Promise<void> {
    this.#enabledForwarding = enableForwarding(this.#database, this.#log);
    for (const network of table.all()) {
      try {
        this.raiseBridge(network);
      } catch (error) {
        if (network.record.name === 'bridge') throw error;
        this.#log.error('network has no bridge', { network: network.record.name, error });
      }
    }
    await this.#removeOrphans(table, endpoints);
    this.#warnOfRivals();
  }

  raiseBridge(network: LiveNetwork): void {
    if (network.record.bridge !== undefined)
      network.linkIndex = ensureBridge(this.links, network.record.bridge);
  }

  async removeBridge({ record }: LiveNetwork): Promise<void> {
    if (record.bridge !== undefined) await removeBridge(this.links, record.bridge);
  }

  /** Makes the kernel act at once on a container's link having come up. */
  async settle({ linkName }: EndpointRecord, { record }: LiveNetwork): Promise<void> {
    if (record.bridge !== undefined) await this.links.settle(linkName, record.bridge.linkName);
  }

  /** Deletes a container's link, at both ends, for who goes on without it. Fine when it is gone. */
  async removePort({ linkName }: EndpointRecord): Promise<void> {
    if (linkName !== '') await removeLink(this.links, linkName);
  }

  /** The whole firewall afresh. Where the kernel cannot, there is none from now on. */
  rebuildFirewall(table: NetworkTable, redirections: readonly Redirection[]): void {
    try {
      this.#firewall.rebuild({ networks: table.filtered(), redirections, noRouter: this.#enabledForwarding });
    } catch (error) {
      this.#log.warn(withoutFirewall, { error });
      this.#firewall.close();
      this.#firewall = noFirewall;
    }
  }

  /** Resolves once UDP clients that have gone on talking all the while are sent to the new target too. */
  async redirect(redirections: readonly Redirection[]): Promise<void> {
    this.#firewall.redirect(redirections);
    await this.#forgetConversations(redirections);
  }

  /** Takes ports out of the firewall. That it fails is said, and is no reason to keep anything. */
  withdraw(redirections: readonly Redirection[]): void {
    try {
      this.#firewall.withdraw(redirections);
    } catch (error) {
      this.#log.warn('published ports cannot be withdrawn', { error });
    }
    void this.#forgetConversations(redirections);
  }

  /** Leaves nothing on the host, not even links whose namespace the kernel is still taking down. */
  async dismantle(table: NetworkTable): Promise<void> {
    this.#firewall.remove();
    await removeOrphans(this.links, bridgesOf(table), new Set());
    for (const network of table.all()) await this.removeBridge(network);
    restoreForwarding(this.#database, this.links.list());
  }

  close(): void {
    this.#firewall.close();
    this.links[Symbol.dispose]();
  }

  /** One at a time, so that none of an earlier container's falls on the next one's conversations. */
  #forgetConversations(redirections: readonly Redirection[]): Promise<void> | undefined {
    const ports = redirections.filter(({ protocol }) => protocol === 'udp').map(({ hostPort }) => hostPort);
    if (ports.length === 0 || this.#firewall.name === 'none') return undefined;
    this.#forgetting = this.#forgetting
      .then(() => forgetUdpConversations(new Set(ports)))
      .catch((error: unknown) => this.#log.warn('UDP conversations cannot be ended', { error }));
    return this.#forgetting;
  }

  #warnOfRivals(): void {
    try {
      for (const rival of this.#firewall.rivals()) this.#log.warn(rivalWarning, rival);
    } catch (error) {
      this.#log.debug('firewalls cannot be listed', { error });
    }
  }

  async #removeOrphans(table: NetworkTable, endpoints: readonly EndpointRecord[]): Promise<void> {
    const bridges = bridgesOf(table);
    const owned = new Set(endpoints.map(({ linkName }) => linkName));
    for (const { masterIndex, index } of this.links.list())
      if (bridges.has(masterIndex)) this.indexes.noteLast(masterIndex, index);
    for (const { networkId, linkIndex } of endpoints)
      this.indexes.note(table.byId(networkId).linkIndex ?? 0, linkIndex);
    const removed = await removeOrphans(this.links, bridges, owned);
    if (removed.length > 0) this.#log.info('removed links of no container', { links: removed });
  }
}

const bridgesOf = (table: NetworkTable): ReadonlySet<number> =>
  new Set(table.all().flatMap(({ linkIndex }) => linkIndex ?? []));
