import type { JSONMessage } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { jsonValues } from '../json-stream.ts';

/** Takes in the images of an archive that `save` made. */
export async function loadImages(
  daemon: Daemon,
  { archive, ...query }: { archive: AsyncIterable<Uint8Array>; quiet?: boolean; platform?: string },
): Promise<AsyncIterable<JSONMessage>> {
  const answer = await daemon.call({ method: 'POST', path: '/images/load', query, stream: archive });
  return jsonValues(answer.body);
}
