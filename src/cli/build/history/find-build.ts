import type { BuildSummary } from '#api/build.ts';
import { listBuilds } from '#client/build/history.ts';
import type { Daemon } from '#client/daemon.ts';
import { Failure } from '../../command.ts';

/**
 * The build of an id or its beginning; the last one without. `^1` is the one before the last.
 *
 * @throws {Failure} when there is none, or several begin so
 */
export async function findBuild(daemon: Daemon, reference = ''): Promise<BuildSummary> {
  const builds = await listBuilds(daemon);
  return pickBuild(newestFirst(builds), reference);
}

export const newestFirst = (builds: readonly BuildSummary[]): readonly BuildSummary[] =>
  [...builds].sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt));

export function pickBuild(builds: readonly BuildSummary[], reference: string): BuildSummary {
  const back = /^\^(\d+)$/.exec(reference)?.[1];
  if (reference === '' || back !== undefined) {
    const found = builds[Number(back ?? 0)];
    if (found === undefined) throw new Failure('no builds found');
    return found;
  }
  const exact = builds.find(({ id }) => id === reference);
  const found = exact === undefined ? builds.filter(({ id }) => id.startsWith(reference)) : [exact];
  if (found.length > 1)
    throw new Failure(`multiple builds found with ID prefix ${JSON.stringify(reference)}`);
  if (found.length === 0) throw new Failure(`no build found with ID ${JSON.stringify(reference)}`);
  return found[0]!;
}
