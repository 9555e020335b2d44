import { containerNamespace, type HeldNamespace } from '#network/namespace.ts';
import type { Container } from './container.ts';
import { serversOf } from './network-files.ts';
import { resolvesByEngine } from './networking.ts';
import type { Rooms } from './rooms.ts';

/** Serves names to a container that has a process, when they are the engine's to resolve. The caller holds its lock. */
export async function serveNames(
  { id, record }: Container,
  task: { readonly pid: number; pids(): Promise<readonly number[]> },
  rooms: Rooms,
): Promise<void> {
  if (!resolvesByEngine(record, rooms.networks.sandboxOf(id).endpoints)) return;
  const hold = (): Promise<HeldNamespace | undefined> =>
    containerNamespace(task.pid, async () => (await task.pids()).includes(task.pid));
  await rooms.networks.serveNames({ containerId: id, hold, servers: serversOf(record, rooms.facts) });
}
