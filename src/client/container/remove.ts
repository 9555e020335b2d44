import type { Daemon } from '../daemon.ts';

/** Removes a container: `v` with its anonymous volumes, `force` killing it first. */
export async function removeContainer(
  daemon: Daemon,
  id: string,
  options: { v?: boolean; force?: boolean; link?: boolean } = {},
): Promise<void> {
  await daemon.run({ method: 'DELETE', path: `/containers/${encodeURIComponent(id)}`, query: options });
}
