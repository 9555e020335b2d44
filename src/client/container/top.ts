import type { ContainerTopResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

/** The processes of a container, as `ps` with these arguments shows them. */
export function containerProcesses(
  daemon: Daemon,
  id: string,
  psArgs?: string,
): Promise<ContainerTopResponse> {
  const path = `/containers/${encodeURIComponent(id)}/top`;
  return daemon.json({ method: 'GET', path, query: { ps_args: psArgs } });
}
