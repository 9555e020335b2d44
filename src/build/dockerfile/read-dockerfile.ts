import { posix } from 'node:path';
import type { BuildRequest } from '#api/index.ts';
import type { FileSource } from '#archive/file-source.ts';
import { fromText } from '#archive/tar-entry.ts';
import { EngineError, invalid } from '#base/errors.ts';
import { resolvePath } from '../copy/resolve-path.ts';

/** The largest Dockerfile that is read. Bytes. */
const maxSize = 16 << 20;

/**
 * The Dockerfile of a build: given by itself, or a file of the context.
 *
 * @throws {EngineError} `notFound`, `invalid` in Docker's words
 */
export async function readDockerfile(
  request: BuildRequest,
  context: FileSource,
): Promise<{ readonly text: Buffer; readonly name: string }> {
  const name = request.dockerfile || 'Dockerfile';
  if (request.dockerfileText !== undefined && request.dockerfileText !== '')
    return { text: Buffer.from(request.dockerfileText), name };
  const relative = posix.normalize(posix.join('/', name)).slice(1);
  const path =
    findPath(context, relative) ?? (name === 'Dockerfile' ? findPath(context, 'dockerfile') : undefined);
  if (path === undefined) throw new EngineError('notFound', `Cannot locate specified Dockerfile: ${name}`);
  const info = context.find(path)!;
  if (info.type !== 'file') throw invalid(`the Dockerfile (${name}) is no file`);
  if (info.size > maxSize) throw invalid(`the Dockerfile (${name}) is larger than ${maxSize} bytes`);
  if (info.size === 0) throw invalid(`the Dockerfile (${name}) cannot be empty`);
  const chunks: Uint8Array[] = [];
  for await (const chunk of context.open(path)) chunks.push(chunk);
  return { text: Buffer.concat(chunks), name };
}

function findPath(context: FileSource, relative: string) {
  const path = resolvePath(context, fromText(relative));
  return context.find(path) === undefined ? undefined : path;
}
