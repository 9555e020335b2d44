import { EngineError } from '#base/errors.ts';
import type { Daemon } from '../daemon.ts';

/** What a path in a container is: `mode` is Go's `fs.FileMode`. */
export interface PathStat {
  readonly name: string;
  readonly size: number;
  readonly mode: number;
  readonly mtime: string;
  readonly linkTarget: string;
}

const archivePath = (id: string) => `/containers/${encodeURIComponent(id)}/archive`;

/** What stands at a path in a container, undefined when nothing does. */
export async function findPath(daemon: Daemon, id: string, path: string): Promise<PathStat | undefined> {
  try {
    const answer = await daemon.call({ method: 'HEAD', path: archivePath(id), query: { path } });
    await answer.text();
    return statOf(answer.headers);
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'notFound') return undefined;
    throw error;
  }
}

/** A file or directory of a container as a tar. */
export async function readArchive(
  daemon: Daemon,
  id: string,
  path: string,
): Promise<{ readonly stat: PathStat; readonly tar: AsyncIterable<Uint8Array> }> {
  const answer = await daemon.call({ method: 'GET', path: archivePath(id), query: { path } });
  return { stat: statOf(answer.headers), tar: answer.body };
}

/** Unpacks a tar into a directory of a container. */
export async function writeArchive(
  daemon: Daemon,
  id: string,
  {
    tar,
    ...query
  }: { path: string; tar: AsyncIterable<Uint8Array>; noOverwriteDirNonDir?: boolean; copyUIDGID?: boolean },
): Promise<void> {
  await daemon.run({ method: 'PUT', path: archivePath(id), query, stream: tar });
}

function statOf(headers: Readonly<Record<string, string>>): PathStat {
  const bytes = Uint8Array.from(atob(headers['x-docker-container-path-stat'] ?? ''), (each) =>
    each.charCodeAt(0),
  );
  return JSON.parse(new TextDecoder().decode(bytes)) as PathStat;
}
