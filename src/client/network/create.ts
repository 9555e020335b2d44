import type { NetworkCreateRequest, NetworkCreateResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** Creates a network. */
export function createNetwork(daemon: Daemon, network: NetworkCreateRequest): Promise<NetworkCreateResponse> {
  return daemon.json({ method: 'POST', path: '/networks/create', json: network });
}
