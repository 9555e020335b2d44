import type { JSONMessage } from '#api/index.ts';
import type { Daemon } from '../daemon.ts';
import { jsonValues } from '../json-stream.ts';

export interface ImportOptions {
  /** A URL the daemon fetches, or `-` for `archive`. */
  readonly fromSrc: string;
  readonly archive?: AsyncIterable<Uint8Array>;
  readonly repo?: string;
  readonly tag?: string;
  readonly message?: string;
  readonly changes?: readonly string[];
  readonly platform?: string;
}

/** Makes an image of a file system's tar. */
export async function importImage(
  daemon: Daemon,
  options: ImportOptions,
): Promise<AsyncIterable<JSONMessage>> {
  const { archive, ...query } = options;
  const stream = archive === undefined ? {} : { stream: archive };
  const answer = await daemon.call({
    method: 'POST',
    path: '/images/create',
    query: { ...query },
    ...stream,
  });
  return jsonValues(answer.body);
}
