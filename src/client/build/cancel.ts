import type { Daemon } from '../daemon.ts';

/** Stops a build under way at once. */
export async function cancelBuild(daemon: Daemon, id: string): Promise<void> {
  await daemon.run({ method: 'POST', path: '/build/cancel', query: { id } });
}
