import type { Daemon } from '../daemon.ts';

/** An archive of images with all that they are made of. */
export async function saveImages(
  daemon: Daemon,
  names: readonly string[],
  options: { platform?: string } = {},
): Promise<AsyncIterable<Uint8Array>> {
  return (await daemon.call({ method: 'GET', path: '/images/get', query: { names, ...options } })).body;
}
