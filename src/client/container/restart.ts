import type { Daemon } from '../daemon.ts';

/** Stops a container if it runs and starts it. */
export async function restartContainer(
  daemon: Daemon,
  id: string,
  options: { signal?: string; t?: number } = {},
): Promise<void> {
  await daemon.run({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/restart`, query: options });
}
