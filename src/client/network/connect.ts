import type { NetworkConnectRequest } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** Attaches a container to a network. */
export async function connectNetwork(
  daemon: Daemon,
  id: string,
  request: NetworkConnectRequest,
): Promise<void> {
  await daemon.run({ method: 'POST', path: `/networks/${encodeURIComponent(id)}/connect`, json: request });
}
