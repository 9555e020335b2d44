import type { AuthConfig, JSONMessage } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { jsonValues } from '../json-stream.ts';
import { registryAuth } from '../registry-auth.ts';
import { imagePath } from './image-path.ts';

/** Sends an image to its registry; without a tag every one of the repository. */
export async function pushImage(
  daemon: Daemon,
  name: string,
  { auth = {}, ...query }: { tag?: string; platform?: string; auth?: AuthConfig },
): Promise<AsyncIterable<JSONMessage>> {
  // the header must be there, if only with nothing in it
  const headers = { 'X-Registry-Auth': registryAuth(auth) };
  const answer = await daemon.call({
    method: 'POST',
    path: `/images/${imagePath(name)}/push`,
    query,
    headers,
  });
  return jsonValues(answer.body);
}
