import { EngineError } from '#base/errors.ts';
import type { Repository } from '#distribution/repository.ts';
import type { Digest } from '#oci/digest.ts';
import type { Descriptor } from '#oci/manifest.ts';
import { mediaTypes } from '#oci/media-types.ts';
import { type Reference, repositoryOf } from '#oci/reference.ts';
import type { LayerSource } from './layer-sources.ts';
import { layerStatus, type Report, throttled } from './progress.ts';
import { recompressed } from './recompress.ts';
import type { Rooms } from './rooms.ts';

interface LayersPush extends Pick<Rooms, 'sources' | 'snapshotter' | 'uploads'> {
  readonly repository: Repository;
  readonly reference: Reference;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** How many repositories are asked to share a layer before it is sent. */
const maxMountTries = 4;

/** Brings layers into a repository, side by side. @returns each layer's blob there, in the order of `diffIds` */
export async function pushLayers(
  push: LayersPush & { readonly diffIds: readonly Digest[] },
): Promise<readonly Descriptor[]> {
  const giveUp = new AbortController();
  const signal = AbortSignal.any([push.signal, giveUp.signal]);
  const unique = [...new Set(push.diffIds)].reverse();
  for (const diffId of unique) push.report(layerStatus(diffId, 'Preparing'));
  const tries = unique.map(async (diffId) => {
    try {
      return [diffId, await pushLayer({ ...push, signal }, diffId)] as const;
    } catch (error) {
      giveUp.abort(error);
      throw error;
    }
  });
  const results = await Promise.allSettled(tries);
  if (results.some(({ status }) => status === 'rejected'))
    throw push.signal.aborted ? push.signal.reason : giveUp.signal.reason;
  const blobs = new Map(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
  return push.diffIds.map((diffId) => blobs.get(diffId)!);
}

async function pushLayer(push: LayersPush, diffId: Digest): Promise<Descriptor> {
  const { uploads, report, signal } = push;
  if (!uploads.hasFree) report(layerStatus(diffId, 'Waiting'));
  using _slot = await uploads.acquire(signal);
  return (await findThere(push, diffId)) ?? (await mount(push, diffId)) ?? (await upload(push, diffId));
}

/** The layer in any form that we know of and the repository has. */
async function findThere(
  { sources, repository, reference, report, signal }: LayersPush,
  diffId: Digest,
): Promise<Descriptor | undefined> {
  const here = repositoryOf(reference);
  const known = [...sources.of(diffId)].sort(
    (a, b) => Number(b.repository === here) - Number(a.repository === here),
  );
  const asked = new Set<Digest>();
  for (const source of known) {
    if (asked.has(source.blob.digest)) continue;
    asked.add(source.blob.digest);
    if ((await repository.findBlob(source.blob.digest, signal)) !== undefined) {
      report(layerStatus(diffId, 'Layer already exists'));
      return source.blob;
    }
    if (source.repository === here) sources.remove(source);
  }
  return undefined;
}

/** Takes the layer over from a repository of the same registry where we have seen it. */
async function mount(
  { sources, repository, reference, report, signal }: LayersPush,
  diffId: Digest,
): Promise<Descriptor | undefined> {
  const elsewhere = sources
    .of(diffId)
    .filter((source) => source.repository.startsWith(`${reference.domain}/`));
  for (const { blob, repository: from } of elsewhere.slice(0, maxMountTries)) {
    const path = from.slice(reference.domain.length + 1);
    if (!(await mounted(repository, blob, path, signal))) continue;
    report(layerStatus(diffId, `Mounted from ${path}`));
    return blob;
  }
  return undefined;
}

async function mounted(
  repository: Repository,
  blob: LayerSource['blob'],
  from: string,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    return await repository.mountBlob(blob.digest, from, signal);
  } catch (error) {
    // We may not read there: then the layer is sent.
    if (
      error instanceof EngineError &&
      ['unauthorized', 'forbidden', 'notFound', 'invalid'].includes(error.kind)
    )
      return false;
    throw error;
  }
}

async function upload(
  { sources, snapshotter, repository, report, signal }: LayersPush,
  diffId: Digest,
): Promise<Descriptor> {
  const total = snapshotter.getLayer(diffId).tarSize;
  const show = throttled((current) => report(layerStatus(diffId, 'Pushing', current, total)));
  async function* tar(): AsyncGenerator<Uint8Array, void, void> {
    let current = 0;
    for await (const chunk of snapshotter.readTar(diffId)) {
      signal.throwIfAborted();
      current += chunk.length;
      show(current);
      yield chunk;
    }
  }
  report(layerStatus(diffId, 'Pushing', 0, total));
  const sent = await repository.uploadBlob({ open: () => recompressed(tar()) }, signal);
  const blob = { ...sent, mediaType: mediaTypes.dockerLayerGzip };
  sources.add({ diffId, blob, repository: '' });
  report(layerStatus(diffId, 'Pushed'));
  return blob;
}
