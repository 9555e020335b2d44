import { decompressed } from '#archive/compression.ts';
import { crashPoint } from '#base/crash-point.ts';
import type { Repository } from '#distribution/repository.ts';
import type { Digest } from '#oci/digest.ts';
import type { Descriptor } from '#oci/manifest.ts';
import { layerStatus, type Report, throttled } from './progress.ts';
import type { Rooms } from './rooms.ts';

export interface LayerToPull {
  readonly blob: Descriptor;
  readonly diffId: Digest;
}

interface LayerPull extends Pick<Rooms, 'snapshotter' | 'sources' | 'transfers' | 'downloads'> {
  readonly repository: Repository;
  /** The repository's name, as sources keep it. */
  readonly from: string;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/**
 * Brings layers in side by side, those that are here already left alone. When one fails the others are given up, and
 * what had arrived is kept for the next try.
 */
export async function pullLayers(
  pull: LayerPull,
  layers: readonly LayerToPull[],
  keep: (diffId: Digest) => void,
): Promise<void> {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([pull.signal, giveUp.signal]);
  for (const { blob } of layers) pull.report(layerStatus(blob.digest, 'Pulling fs layer'));
  const tries = layers.map(async (layer) => {
    try {
      await pullLayer({ ...pull, signal }, layer);
      keep(layer.diffId);
    } catch (error) {
      giveUp.abort(error);
      throw error;
    }
  });
  const failed = (await Promise.allSettled(tries)).some(({ status }) => status === 'rejected');
  if (failed) throw pull.signal.aborted ? pull.signal.reason : giveUp.signal.reason;
}

async function pullLayer(pull: LayerPull, { blob, diffId }: LayerToPull): Promise<void> {
  const { snapshotter, transfers, report, signal } = pull;
  if (snapshotter.has(diffId)) return report(layerStatus(blob.digest, 'Already exists'));
  // Another pull may know the layer as another blob: each client is told its own id.
  const mine: Report = (message) => report({ ...message, ...layerStatusId(blob.digest) });
  await transfers.join(diffId, { report: mine, signal }, (tell, whole) =>
    fetchLayer({ ...pull, report: tell, signal: whole }, { blob, diffId }),
  );
}

const layerStatusId = (digest: string) => ({ id: layerStatus(digest, '').id! });

async function fetchLayer(pull: LayerPull, { blob, diffId }: LayerToPull): Promise<void> {
  const { snapshotter, sources, downloads, report, signal } = pull;
  if (!downloads.hasFree) report(layerStatus(blob.digest, 'Waiting'));
  using _slot = await downloads.acquire(signal);
  if (!snapshotter.has(diffId)) {
    await snapshotter.ingest(tarOf(pull, blob), { expected: diffId, signal });
    sources.add({ diffId, blob, repository: pull.from });
  }
  crashPoint('image.layer-pulled');
  report(layerStatus(blob.digest, 'Pull complete'));
}

/** The layer's tar straight from the network. Ends only once the blob was seen whole and right. */
async function* tarOf(pull: LayerPull, blob: Descriptor): AsyncGenerator<Uint8Array, void, void> {
  const { repository, report, signal } = pull;
  const show = throttled((current) => report(layerStatus(blob.digest, 'Downloading', current, blob.size)));
  const bytes = repository.fetchBlob(blob, signal);
  async function* counted(): AsyncGenerator<Uint8Array, void, void> {
    let received = 0;
    for await (const chunk of bytes) {
      received += chunk.length;
      show(received);
      yield chunk;
    }
    report(layerStatus(blob.digest, 'Verifying Checksum'));
    report(layerStatus(blob.digest, 'Download complete'));
    report(layerStatus(blob.digest, 'Extracting', blob.size, blob.size));
  }
  const whole = counted();
  try {
    yield* decompressed(unclosed(whole));
    // A decompressor stops at its stream's end: what follows belongs to the blob and its digest all the same.
    for await (const _ of whole);
  } finally {
    await whole.return();
  }
}

/** The same iteration, which leaving early does not end. */
function unclosed<T>(source: AsyncIterator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => source.next() }) };
}
