import type { Daemon } from '../daemon.ts';

/** Gives a container another name. */
export async function renameContainer(daemon: Daemon, id: string, name: string): Promise<void> {
  await daemon.run({ method: 'POST', path: `/containers/${encodeURIComponent(id)}/rename`, query: { name } });
}
