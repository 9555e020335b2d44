import { endOfTar, headerOf, memberOf, paddingFor } from '#archive/write-tar.ts';
import { EngineError, notFound } from '#base/errors.ts';
import { type Digest, digestOf, hexOf } from '#oci/digest.ts';
import { type Descriptor, manifestBytes } from '#oci/manifest.ts';
import { mediaTypes } from '#oci/media-types.ts';
import {
  familiarName,
  familiarString,
  parseReference,
  type Reference,
  repositoryOf,
} from '#oci/reference.ts';
import { findImage } from './find-image.ts';
import type { Image } from './images.ts';
import type { Rooms } from './rooms.ts';

type SaveRooms = Pick<Rooms, 'records' | 'layers' | 'snapshotter' | 'publish'>;

/** An image and the names it is to be saved under. */
export interface SavedImage {
  readonly image: Image;
  readonly names: Reference[];
}

/**
 * What the words of a `save` mean: a repository is all its tags, an id has no name.
 *
 * @throws {EngineError} `notFound` for the first that is not here
 */
export function savedImages({ records }: SaveRooms, words: readonly string[]): readonly SavedImage[] {
  const saved = new Map<Digest, SavedImage>();
  for (const [id, name] of words.flatMap((word) => namedBy(records, word))) {
    const entry = saved.get(id) ?? { image: records.find(id)!, names: [] };
    saved.set(id, entry);
    if (name !== undefined && !entry.names.some((other) => familiarString(other) === familiarString(name)))
      entry.names.push(name);
  }
  return [...saved.values()];
}

function namedBy(records: SaveRooms['records'], word: string): [Digest, Reference | undefined][] {
  const found = findImage(records, word);
  const { reference } = found ?? {};
  if (reference?.digest !== undefined) return [[found!.id, undefined]];
  // A bare name that is no id means every tag of it, `latest` or not.
  const repository = found !== undefined && reference === undefined ? undefined : parseReference(word);
  if (repository !== undefined && repository.tag === undefined && repository.digest === undefined) {
    const tags = records.tagsOf(repositoryOf(repository)).map((tag) => ({ ...repository, tag }));
    if (tags.length > 0) return tags.map((name) => [records.named(name)!, name]);
  }
  if (found === undefined) throw nothingNamed(word, repository?.tag !== undefined);
  return [[found.id, reference]];
}

/** Docker's words, which differ here from those of every other verb. */
const nothingNamed = (word: string, tagged: boolean) =>
  tagged ? new EngineError('notFound', 'reference does not exist') : notFound('image', word);

/**
 * One tar that is a docker-archive and an OCI layout at once. What images share is in it once; the same images give the
 * same bytes.
 */
export async function* save(
  rooms: SaveRooms,
  images: readonly SavedImage[],
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const diffIds = [...new Set(images.flatMap(({ image }) => image.layers))];
  using _held = await rooms.layers.acquire(diffIds);
  yield folder('blobs/');
  yield folder('blobs/sha256/');
  for (const diffId of diffIds) yield* layerBlob(rooms, diffId, signal);
  const manifests = images.map(({ image }) => manifestOf(rooms, image));
  yield* uniqueBlobs([...images.map(({ image }) => Buffer.from(image.rawConfig)), ...manifests]);
  yield document('index.json', indexOf(images, manifests));
  yield document('manifest.json', images.map(archiveEntry));
  yield document('oci-layout', { imageLayoutVersion: '1.0.0' });
  const repositories = repositoriesOf(images);
  if (Object.keys(repositories).length > 0) yield document('repositories', repositories);
  yield endOfTar;
  for (const { image } of images) rooms.publish('save', image.id, { name: image.id });
}

const folder = (name: string): Buffer => memberOf({ name, type: 'directory' });

const document = (name: string, value: unknown): Buffer =>
  memberOf({ name, type: 'file' }, JSON.stringify(value));

const blobPath = (digest: Digest): string => `blobs/sha256/${hexOf(digest)}`;

async function* layerBlob(
  { snapshotter }: SaveRooms,
  diffId: Digest,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, void> {
  const size = snapshotter.getLayer(diffId).tarSize;
  yield headerOf({ name: blobPath(diffId), type: 'file', size });
  for await (const chunk of snapshotter.readTar(diffId)) {
    signal?.throwIfAborted();
    yield chunk;
  }
  yield paddingFor(size);
}

function* uniqueBlobs(blobs: readonly Buffer[]): Generator<Buffer, void, void> {
  const seen = new Set<Digest>();
  for (const bytes of blobs) {
    const digest = digestOf(bytes);
    if (!seen.has(digest)) yield memberOf({ name: blobPath(digest), type: 'file' }, bytes);
    seen.add(digest);
  }
}

function manifestOf({ snapshotter }: SaveRooms, image: Image): Buffer {
  const config: Descriptor = {
    mediaType: mediaTypes.ociConfig,
    digest: image.id,
    size: Buffer.byteLength(image.rawConfig),
  };
  const layers = image.layers.map(
    (digest): Descriptor => ({
      mediaType: mediaTypes.ociLayer,
      digest,
      size: snapshotter.getLayer(digest).tarSize,
    }),
  );
  return manifestBytes({ mediaType: mediaTypes.ociManifest, config, layers });
}

function indexOf(images: readonly SavedImage[], manifests: readonly Buffer[]) {
  const entries = images.flatMap(({ names }, index) => {
    const bytes = manifests[index]!;
    const descriptor = { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length };
    return names.length === 0
      ? [descriptor]
      : names.map((name) => ({ ...descriptor, annotations: annotationsOf(name) }));
  });
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: entries };
}

const annotationsOf = (name: Reference) => ({
  'io.containerd.image.name': `${repositoryOf(name)}:${name.tag}`,
  'org.opencontainers.image.ref.name': name.tag,
});

const archiveEntry = ({ image, names }: SavedImage) => ({
  Config: blobPath(image.id),
  RepoTags: names.length === 0 ? null : names.map(familiarString),
  Layers: image.layers.map(blobPath),
});

function repositoriesOf(images: readonly SavedImage[]): Record<string, Record<string, string>> {
  const repositories: Record<string, Record<string, string>> = {};
  for (const { image, names } of images) {
    const top = image.layers.at(-1);
    for (const name of names) {
      repositories[familiarName(name)] ??= {};
      if (top !== undefined) repositories[familiarName(name)]![name.tag ?? 'latest'] = hexOf(top);
    }
  }
  return repositories;
}
