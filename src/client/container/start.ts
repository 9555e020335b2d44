import type { Daemon } from '../daemon.ts';

/** Starts a container; one that runs already is left as it is. */
export async function startContainer(
  daemon: Daemon,
  id: string,
  { detachKeys, ...rest }: { detachKeys?: string; checkpoint?: string; 'checkpoint-dir'?: string } = {},
): Promise<void> {
  await daemon.run({
    method: 'POST',
    path: `/containers/${encodeURIComponent(id)}/start`,
    query: { detachKeys, ...rest },
  });
}
