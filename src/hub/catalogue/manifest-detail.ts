import { notFound } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import type { ImageConfig } from '#oci/image-config.ts';
import { type Descriptor, descriptorAt, maxConfigBytes } from '#oci/manifest.ts';
import { isConfigType, mediaTypes } from '#oci/media-types.ts';
import { parseImageConfig } from '#oci/parse-config.ts';
import { formatPlatform } from '#oci/platform.ts';
import type { ManifestDetail } from '../api/repositories.ts';
import type { ManifestRecord, Records, RepositoryRecord } from '../records/index.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { layersWithCommands } from './image-history.ts';

const mostReferrers = 100;

interface Document {
  readonly config?: unknown;
  readonly layers?: unknown;
  readonly manifests?: unknown;
}

/**
 * All that can be said of a manifest in a repository.
 *
 * @param reference a tag or a digest
 * @throws {EngineError} `notFound`
 */
export async function manifestDetail(
  { records, store }: { readonly records: Records; readonly store: BlobStore },
  repository: RepositoryRecord,
  reference: string,
): Promise<ManifestDetail> {
  const found = await records.contents.manifest(repository, { reference, mostReferrers });
  if (found === undefined) throw notFound('manifest', `${repository.fullName} ${reference}`);
  const { bytes, totalSize, images, ...rest } = found;
  const document = JSON.parse(Buffer.from(bytes).toString()) as Document;
  const config = await readConfig(store, document);
  return {
    ...rest,
    size: totalSize,
    layers: layersWithCommands(descriptors(document.layers), config?.history),
    ...(config !== undefined && { config: configOf(config) }),
    manifests: childrenOf(descriptors(document.manifests), images),
  };
}

/** Those that can be read: a manifest of an artifact may have what no image has. */
function descriptors(value: unknown): readonly Descriptor[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry) => descriptor(entry) ?? []);
}

function descriptor(value: unknown): Descriptor | undefined {
  try {
    return descriptorAt(value, 'descriptor');
  } catch {
    return undefined;
  }
}

/** An image's. Undefined for what is no image, and for a config that cannot be read or is not there: the rest is still shown. */
async function readConfig(store: BlobStore, { config }: Document): Promise<ImageConfig | undefined> {
  const found = descriptor(config);
  if (found === undefined || !isConfigType(found.mediaType) || found.size > maxConfigBytes) return undefined;
  try {
    return parseImageConfig(await readBlob(store, found.digest));
  } catch {
    return undefined;
  }
}

async function readBlob(store: BlobStore, digest: Digest): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of store.read(digest)) pieces.push(piece);
  return Buffer.concat(pieces);
}

function configOf({ created, author, config }: ImageConfig): NonNullable<ManifestDetail['config']> {
  const { Entrypoint, Cmd, WorkingDir, User, ExposedPorts, Volumes, Env, Labels } = config ?? {};
  return {
    ...(created && { created }),
    ...(author && { author }),
    ...(Entrypoint && { entrypoint: Entrypoint }),
    ...(Cmd && { command: Cmd }),
    ...(WorkingDir && { workingDirectory: WorkingDir }),
    ...(User && { user: User }),
    ports: Object.keys(ExposedPorts ?? {}),
    volumes: Object.keys(Volumes ?? {}),
    environment: Env ?? [],
    labels: Labels ?? {},
  };
}

/** What an index names; with its whole size where the repository has it. */
const childrenOf = (
  children: readonly Descriptor[],
  images: ManifestRecord['images'],
): ManifestDetail['manifests'] =>
  children.map(({ digest, mediaType, size, platform }) => {
    const known = images.get(digest);
    const named = platform === undefined ? known?.platform : formatPlatform(platform);
    return {
      digest,
      mediaType: mediaType || mediaTypes.ociManifest,
      ...(named && { platform: named }),
      size: known?.totalSize ?? size,
    };
  });
