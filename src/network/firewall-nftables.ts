import { EngineError } from '#base/errors.ts';
import { addElements, addTable, deleteElements, deleteTable, Nftables } from '#linux/nftables.ts';
import type { Firewall, FirewallRules, Redirection } from './firewall.ts';
import { redirectionElements, tableRequests } from './firewall-rules.ts';

/** asm-generic/errno-base.h */
const ENOENT = 2;

/** The firewall as one table of nftables, named by the engine's bridge: `hoist_hoist0`. */
export class NftablesFirewall implements Firewall {
  readonly name = 'nftables';
  readonly #table: string;
  readonly #nftables = new Nftables();

  /** @throws {EngineError} when the kernel has no netfilter */
  constructor(bridgeName: string) {
    this.#table = `hoist_${bridgeName}`;
  }

  rebuild(rules: FirewallRules): void {
    this.#nftables.commit('nftables rebuild', tableRequests(this.#table, rules));
  }

  rivals(): readonly { readonly table: string; readonly chain: string }[] {
    return this.#nftables.forwardDroppers();
  }

  redirect(redirections: readonly Redirection[]): void {
    const requests = redirectionElements(redirections).flatMap(({ set, elements }) =>
      addElements(this.#table, set, elements),
    );
    if (requests.length > 0) this.#nftables.commit('nftables publish', requests);
  }

  withdraw(redirections: readonly Redirection[]): void {
    try {
      this.#delete(redirections);
    } catch (error) {
      if (!isAbsent(error)) throw error;
      if (redirections.length > 1) for (const one of redirections) this.withdraw([one]);
    }
  }

  remove(): void {
    this.#nftables.commit('nftables remove', [addTable(this.#table), deleteTable(this.#table)]);
  }

  close(): void {
    this.#nftables[Symbol.dispose]();
  }

  #delete(redirections: readonly Redirection[]): void {
    const requests = redirectionElements(redirections).flatMap(({ set, elements }) =>
      deleteElements(this.#table, set, elements),
    );
    if (requests.length > 0) this.#nftables.commit('nftables withdraw', requests);
  }
}

const isAbsent = (error: unknown): boolean => error instanceof EngineError && error.errno === ENOENT;
