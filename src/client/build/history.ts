import type { BuildEvent, BuildSummary } from '#api/build.ts';
import type { Daemon } from '../daemon.ts';
import { jsonLines } from '../json-lines.ts';

const pathOf = (id: string) => `/hoist/builds/${encodeURIComponent(id)}`;

/** The builds that were and are, newest first. */
export const listBuilds = (daemon: Daemon): Promise<readonly BuildSummary[]> =>
  daemon.json({ method: 'GET', path: '/hoist/builds' });

export const inspectBuild = (daemon: Daemon, id: string): Promise<BuildSummary> =>
  daemon.json({ method: 'GET', path: pathOf(id) });

/** What a build told, as it told it. */
export async function* buildEvents(daemon: Daemon, id: string): AsyncGenerator<BuildEvent, void, void> {
  const answer = await daemon.call({ method: 'GET', path: `${pathOf(id)}/events` });
  yield* jsonLines<BuildEvent>(answer.body);
}

/** Forgets a build. */
export async function removeBuild(daemon: Daemon, id: string): Promise<void> {
  await daemon.run({ method: 'DELETE', path: pathOf(id) });
}
