import type { AuthConfig, JSONMessage } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { jsonValues } from '../json-stream.ts';
import { authHeader } from '../registry-auth.ts';

/** Fetches an image; without a tag every one of the repository. The progress must be read to its end. */
export async function pullImage(
  daemon: Daemon,
  { auth, ...query }: { fromImage: string; tag?: string; platform?: string; auth?: AuthConfig },
): Promise<AsyncIterable<JSONMessage>> {
  const answer = await daemon.call({ method: 'POST', path: '/images/create', query, ...authHeader(auth) });
  return jsonValues(answer.body);
}
