import { type Log, silentLog } from '#base/log.ts';
import type { Events } from '#events/index.ts';
import type { Database } from '#state/index.ts';
import { EngineNetworks } from './engine-networks.ts';
import { type Firewall, noFirewall } from './firewall.ts';
import { NftablesFirewall } from './firewall-nftables.ts';
import { withoutFirewall } from './host-side.ts';
import type { Networks } from './networks.ts';
import { type BridgeOptions, DEFAULT_BRIDGE } from './predefined.ts';

export interface NetworksOptions {
  readonly database: Database;
  readonly events?: Events;
  readonly log?: Log;
  readonly now?: () => Date;
  /** How the network `bridge` is to be. */
  readonly bridge?: BridgeOptions;
  /** `none`: no packet filter is touched; ports are published by the proxy alone. Else the kernel's, where it has one. */
  readonly firewall?: 'nftables' | 'none';
}

/** The networks of this host, in the network namespace that this process is in. Nothing is made before `restore`. */
export function openNetworks(options: NetworksOptions): Networks {
  const { database, events, log = silentLog, now = () => new Date(), bridge = {} } = options;
  const firewall =
    options.firewall === 'none' ? noFirewall : openFirewall(bridge.name ?? DEFAULT_BRIDGE, log);
  return new EngineNetworks({ database, firewall, bridge, log, now, ...(events && { events }) });
}

function openFirewall(bridgeName: string, log: Log): Firewall {
  try {
    return new NftablesFirewall(bridgeName);
  } catch (error) {
    log.warn(withoutFirewall, { error });
    return noFirewall;
  }
}
