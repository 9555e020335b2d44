import { EngineError, invalid } from '#base/errors.ts';
import type { Repository } from '#distribution/repository.ts';
import type { Digest } from '#oci/digest.ts';
import { type Descriptor, manifestBytes, parseManifest } from '#oci/manifest.ts';
import { mediaTypes } from '#oci/media-types.ts';
import {
  familiarName,
  familiarString,
  parseReference,
  type Reference,
  repositoryOf,
  withTagOrDigest,
} from '#oci/reference.ts';
import type { Image, PushRequest } from './images.ts';
import type { Report } from './progress.ts';
import { pushLayers } from './push-layers.ts';
import type { Rooms } from './rooms.ts';

type PushRooms = Pick<
  Rooms,
  'records' | 'sources' | 'layers' | 'content' | 'snapshotter' | 'client' | 'uploads' | 'publish' | 'log'
>;

/** What a push names: a repository, and the tag when not all of them. @throws {EngineError} `invalid` */
export function pushTarget({ name, tag }: Pick<PushRequest, 'name' | 'tag'>): {
  readonly reference: Reference;
} {
  const parsed = parseReference(name);
  const reference = tag ? withTagOrDigest(parsed, tag) : parsed;
  if (reference.digest !== undefined) throw invalid('cannot push a digest reference');
  return { reference };
}

/** Pushes a tag, or every tag of a repository: what the registry has already does not go over the wire. */
export async function push(
  rooms: PushRooms,
  request: { readonly reference: Reference; readonly credentials?: PushRequest['credentials'] },
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const { reference, credentials } = request;
  const name = repositoryOf(reference);
  report({ status: `The push refers to repository [${name}]` });
  const all = rooms.records.tagsOf(name);
  if (all.length === 0)
    throw new EngineError(
      'notFound',
      `An image does not exist locally with the tag: ${familiarName(reference)}`,
    );
  const tags = reference.tag === undefined ? all : [reference.tag];
  const images = tags.map((tag) => [tag, imageOf(rooms, { ...reference, tag })] as const);
  const repository = await rooms.client.repository(reference, { access: 'pull,push', credentials, signal });
  for (const [tag, image] of images)
    await pushOne({ rooms, repository, reference: { ...reference, tag }, image, report, signal });
  rooms.publish('push', familiarString(reference), { name: familiarName(reference) });
}

function imageOf({ records }: PushRooms, reference: Reference): Image {
  const id = records.named(reference);
  if (id === undefined) throw new EngineError('notFound', `tag does not exist: ${familiarString(reference)}`);
  return records.find(id)!;
}

interface Push {
  readonly rooms: PushRooms;
  readonly repository: Repository;
  readonly reference: Reference;
  readonly image: Image;
  readonly report: Report;
  readonly signal: AbortSignal;
}

async function pushOne(push: Push): Promise<void> {
  const { rooms, repository, reference, image, report, signal } = push;
  const tag = reference.tag ?? 'latest';
  using _held = await rooms.layers.acquire(image.layers);
  const blobs = await pushLayers({ ...push, ...rooms, diffIds: image.layers });
  await pushConfig(repository, image, signal);
  const { bytes, mediaType } = await manifestFor(rooms, image, blobs);
  const digest = await repository.putManifest(tag, bytes, mediaType, signal);
  await remember(push, { bytes, digest, blobs });
  report({ status: `${tag}: digest: ${digest} size: ${bytes.length}` });
  report({ progressDetail: {}, aux: { Tag: tag, Digest: digest, Size: bytes.length } });
}

async function pushConfig(repository: Repository, image: Image, signal: AbortSignal): Promise<void> {
  if ((await repository.findBlob(image.id, signal)) !== undefined) return;
  const bytes = Buffer.from(image.rawConfig);
  await repository.uploadBlob({ open: () => once(bytes), digest: image.id }, signal);
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, void, void> {
  yield bytes;
}

/** The manifest the image came with when the registry holds the very layers it names, else a new one. */
async function manifestFor(rooms: PushRooms, image: Image, blobs: readonly Descriptor[]) {
  for (const digest of rooms.records.manifestsOf(image.id)) {
    const bytes = rooms.content.has(digest) ? await rooms.content.get(digest) : undefined;
    const manifest = bytes === undefined ? undefined : parseManifest(bytes);
    if (bytes !== undefined && manifest?.kind === 'manifest' && sameBlobs(manifest.layers, blobs))
      return { bytes, mediaType: manifest.mediaType };
  }
  return newManifest(image, blobs);
}

const sameBlobs = (a: readonly Descriptor[], b: readonly Descriptor[]): boolean =>
  a.length === b.length && a.every(({ digest }, index) => digest === b[index]!.digest);

/** Docker's own form, which every registry takes, unless a layer is of a kind that only OCI's form has. */
function newManifest(image: Image, blobs: readonly Descriptor[]) {
  const size = Buffer.byteLength(image.rawConfig);
  const needsOci = blobs.some(({ mediaType }) => formOf(mediaType) !== 'gzip');
  const [mediaType, configType] = needsOci
    ? [mediaTypes.ociManifest, mediaTypes.ociConfig]
    : [mediaTypes.dockerManifest, mediaTypes.dockerConfig];
  const ociTypes = {
    gzip: mediaTypes.ociLayerGzip,
    zstd: mediaTypes.ociLayerZstd,
    plain: mediaTypes.ociLayer,
  };
  const layers = blobs.map((blob) => ({
    ...blob,
    mediaType: needsOci ? ociTypes[formOf(blob.mediaType)] : mediaTypes.dockerLayerGzip,
  }));
  return {
    bytes: manifestBytes({ mediaType, config: { mediaType: configType, digest: image.id, size }, layers }),
    mediaType,
  };
}

function formOf(mediaType: string): 'gzip' | 'zstd' | 'plain' {
  if (/[.+]gzip$/.test(mediaType)) return 'gzip';
  return /[.+]zstd$/.test(mediaType) ? 'zstd' : 'plain';
}

/** Now the repository is known to hold all this: the next push asks, and does not compress. */
async function remember(
  { rooms, reference, image }: Push,
  pushed: { readonly bytes: Buffer; readonly digest: Digest; readonly blobs: readonly Descriptor[] },
): Promise<void> {
  const { domain, path } = reference;
  await rooms.content.put(pushed.bytes);
  rooms.records.transaction(() => {
    image.layers.forEach((diffId, index) => {
      rooms.sources.add({ diffId, blob: pushed.blobs[index]!, repository: repositoryOf(reference) });
    });
    if (rooms.records.find(image.id) === undefined) return;
    rooms.records.addManifest(image.id, pushed.digest);
    rooms.records.name({ domain, path, digest: pushed.digest }, image.id);
  });
}
