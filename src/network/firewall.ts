import type { Range } from './ipv4.ts';

/** What the firewall has to know of a bridge network. */
export interface FilteredNetwork {
  readonly linkName: string;
  readonly subnet: Range;
  /** Its containers may reach one another. */
  readonly connected: boolean;
  /** What leaves it has the host's address. */
  readonly masquerade: boolean;
  /** Nothing leaves or enters it. */
  readonly internal: boolean;
}

/** Everything that the firewall is to do. */
export interface FirewallRules {
  readonly networks: readonly FilteredNetwork[];
  readonly redirections: readonly Redirection[];
  /** The host forwards packets for the containers' sake alone: what goes from one of its wires to another is dropped. */
  readonly noRouter: boolean;
}

/** A port of the host that leads to a container's. `hostAddress` 0 is every address of the host. */
export interface Redirection {
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly hostAddress: number;
  readonly hostPort: number;
  readonly address: number;
  readonly port: number;
}

/**
 * How packets of containers are let through, translated and turned away. All changes are made at once, and none waits.
 */
export interface Firewall {
  readonly name: 'nftables' | 'none';
  /** Makes the whole afresh, in place of whatever there was: established connections notice nothing. */
  rebuild(rules: FirewallRules): void;
  /** Other firewalls' chains that drop what they do not know, containers' packets too: an accept here does not save them. */
  rivals(): readonly { readonly table: string; readonly chain: string }[];
  redirect(redirections: readonly Redirection[]): void;
  /** Fine when some are not there. */
  withdraw(redirections: readonly Redirection[]): void;
  /** Removes all of it, and is done. */
  remove(): void;
  close(): void;
}

/** For a kernel without nftables: published ports are served by the proxy alone, and nothing is masqueraded. */
export const noFirewall: Firewall = {
  name: 'none',
  rebuild: () => undefined,
  rivals: () => [],
  redirect: () => undefined,
  withdraw: () => undefined,
  remove: () => undefined,
  close: () => undefined,
};
