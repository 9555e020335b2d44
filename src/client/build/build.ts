import type { BuildEvent, BuildRequest } from '#api/build.ts';
import type { Daemon } from '../daemon.ts';
import { jsonLines } from '../json-lines.ts';

/**
 * Builds, and tells as it goes; the last event is `finished`. Aborting cancels the build.
 *
 * @throws {DaemonError} for a request that cannot begin
 */
export async function* build(
  daemon: Daemon,
  request: BuildRequest,
  signal?: AbortSignal,
): AsyncGenerator<BuildEvent, void, void> {
  const answer = await daemon.call({
    method: 'POST',
    path: '/hoist/builds',
    json: request,
    ...(signal && { signal }),
  });
  yield* jsonLines<BuildEvent>(answer.body);
}

/** The bytes of an output that a build under way told of: a tar. */
export async function buildOutput(daemon: Daemon, id: string, n: number): Promise<AsyncIterable<Uint8Array>> {
  const path = `/hoist/builds/${encodeURIComponent(id)}/output/${n}`;
  return (await daemon.call({ method: 'GET', path })).body;
}
