import type { ContainerWaitResponse } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';

export type WaitCondition = 'not-running' | 'next-exit' | 'removed';

/**
 * Waits for a container in two steps, so that nothing is missed between them: the outer promise resolves when the
 * daemon has begun to wait, the inner one with the exit code.
 */
export async function waitContainer(
  daemon: Daemon,
  id: string,
  { condition, signal }: { condition?: WaitCondition; signal?: AbortSignal } = {},
): Promise<{ readonly exit: Promise<ContainerWaitResponse> }> {
  const path = `/containers/${encodeURIComponent(id)}/wait`;
  const answer = await daemon.call({ method: 'POST', path, query: { condition }, ...(signal && { signal }) });
  const exit = answer.json<ContainerWaitResponse>();
  exit.catch(() => {});
  return { exit };
}
