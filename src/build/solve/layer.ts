import { type Digest, emptyLayer } from '#oci/digest.ts';
import type { SolveRooms } from './solve.ts';

/** Stores a layer and holds it. An empty one is none. */
export async function storeLayer(
  { images, snapshotter }: Pick<SolveRooms, 'images' | 'snapshotter'>,
  tar: AsyncIterable<Uint8Array>,
  { signal, held }: { readonly signal: AbortSignal; readonly held: DisposableStack },
): Promise<{ readonly layer: Digest | undefined; readonly size: number }> {
  const layer = await images.storeLayer(tar, held, signal);
  if (layer === emptyLayer) return { layer: undefined, size: 0 };
  return { layer, size: snapshotter.getLayer(layer).size };
}
