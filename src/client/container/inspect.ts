import type { ContainerInspectResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** Everything about one container. */
export function inspectContainer(
  daemon: Daemon,
  id: string,
  options: { size?: boolean } = {},
): Promise<ContainerInspectResponse> {
  return daemon.json({ method: 'GET', path: `/containers/${encodeURIComponent(id)}/json`, query: options });
}
