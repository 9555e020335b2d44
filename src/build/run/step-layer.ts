import type { Digest } from '#oci/digest.ts';
import { diskFull, isDiskFull } from './disk-full.ts';
import type { StepRooms } from './rooms.ts';

/** What a step changed. */
export interface StepLayer {
  /** undefined when nothing changed. */
  readonly layer: Digest | undefined;
  readonly size: number;
}

/**
 * Stores what a snapshot changed as a layer, and holds it.
 *
 * @throws {EngineError} `internal` saying so when the disk is full
 */
export async function storeChanges(
  { snapshotter, images }: Pick<StepRooms, 'snapshotter' | 'images'>,
  changes: {
    readonly key: string;
    readonly mountPoints: readonly string[];
    readonly epoch: number;
    readonly signal: AbortSignal;
  },
  held: DisposableStack,
): Promise<StepLayer> {
  const { key, mountPoints, epoch, signal } = changes;
  const tar = snapshotter.diffTar(key, { mountPoints, latest: epoch, signal })[Symbol.asyncIterator]();
  try {
    const first = await tar.next();
    if (first.done === true || isEnd(first.value)) return { layer: undefined, size: 0 };
    const layer = await images.storeLayer(resumed(first.value, tar), held, signal);
    return { layer, size: snapshotter.getLayer(layer).size };
  } catch (error) {
    throw isDiskFull(error) ? diskFull('Cannot store the layer of the step', error) : error;
  } finally {
    await tar.return?.();
  }
}

/** No header begins with a zero: that is the end of the tar. */
const isEnd = (block: Uint8Array): boolean => block[0] === 0;

async function* resumed(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
