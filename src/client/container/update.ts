import type { ContainerUpdateRequest, ContainerUpdateResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** Changes limits and restart policy of a container, running or not. */
export function updateContainer(
  daemon: Daemon,
  id: string,
  change: ContainerUpdateRequest,
): Promise<ContainerUpdateResponse> {
  return daemon.json({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/update`, json: change });
}
