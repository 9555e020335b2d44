import type { NetworkDisconnectRequest } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** Detaches a container from a network. */
export async function disconnectNetwork(
  daemon: Daemon,
  id: string,
  request: NetworkDisconnectRequest,
): Promise<void> {
  await daemon.run({ method: 'POST', path: `/networks/${encodeURIComponent(id)}/disconnect`, json: request });
}
