import type { Daemon } from '../daemon.ts';

/** Removes a volume that no container uses. */
export async function removeVolume(
  daemon: Daemon,
  name: string,
  options: { force?: boolean } = {},
): Promise<void> {
  await daemon.run({ method: 'DELETE', path: `/volumes/${encodeURIComponent(name)}`, query: options });
}
