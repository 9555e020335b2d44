import type { Daemon } from '../daemon.ts';

/** Stops a container: its stop signal, then after `t` seconds (its own limit by default) SIGKILL. */
export async function stopContainer(
  daemon: Daemon,
  id: string,
  options: { signal?: string; t?: number } = {},
): Promise<void> {
  await daemon.run({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/stop`, query: options });
}
