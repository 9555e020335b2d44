import type { Connection } from '../connection.ts';
import type { Daemon } from '../daemon.ts';

/** A connection that waits to be used by a step of a build that asks for this agent. Rejects when the build has ended. */
export async function offerAgent(daemon: Daemon, build: string, name: string): Promise<Connection> {
  const answer = await daemon.call({
    method: 'POST',
    path: `/hoist/builds/${encodeURIComponent(build)}/ssh/${encodeURIComponent(name)}`,
    headers: { Connection: 'Upgrade', Upgrade: 'tcp' },
  });
  return answer.hijack();
}
