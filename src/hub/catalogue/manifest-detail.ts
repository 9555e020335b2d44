import { notFound } from '#base/errors.ts';
import type { Digest } from '#oci/digest.ts';
import type { ImageConfig } from '#oci/image-config.ts';
import { type Descriptor, descriptorAt, maxConfigBytes } from '#oci/manifest.ts';
import { isConfigType, mediaTypes } from '#oci/media-types.ts';
import { parseImageConfig } from '#oci/parse-config.ts';
import { formatPlatform } from '#oci/platform.ts';
import type { Database } from '#state/database.ts';
import type { ManifestDetail, Referrer } from '../api/repositories.ts';
import type { RepositoryRecord } from '../records/index.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { layersWithCommands } from './image-history.ts';

const mostReferrers = 100;

interface ManifestRow {
  readonly digest: string;
  readonly media_type: string;
  readonly artifact_type: string;
  readonly annotations: string;
  readonly total_size: number;
  readonly platform: string;
  readonly pushed_at: string;
  readonly pushed_by: string | null;
  readonly size: number;
}

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
  { database, store }: { readonly database: Database; readonly store: BlobStore },
  repository: RepositoryRecord,
  reference: string,
): Promise<ManifestDetail> {
  const row = findManifest(database, repository, reference);
  const document = readDocument(database, row.digest);
  const config = await readConfig(store, document);
  return {
    digest: row.digest,
    mediaType: row.media_type,
    ...(row.artifact_type !== '' && { artifactType: row.artifact_type }),
    size: row.total_size,
    ...(row.platform !== '' && { platform: row.platform }),
    annotations: JSON.parse(row.annotations) as Record<string, string>,
    tags: tagsOf(database, repository, row.digest),
    pushedAt: row.pushed_at,
    ...(row.pushed_by !== null && { pushedBy: row.pushed_by }),
    layers: layersWithCommands(descriptors(document.layers), config?.history),
    ...(config !== undefined && { config: configOf(config) }),
    manifests: childrenOf(database, repository, descriptors(document.manifests)),
    referrers: referrersOf(database, repository, row.digest),
  };
}

function findManifest(
  database: Database,
  { id, fullName: full_name }: RepositoryRecord,
  reference: string,
): ManifestRow {
  const digest = reference.includes(':')
    ? reference
    : database.get<{ digest: string }>(
        'SELECT digest FROM tag WHERE repository_id = ? AND name = ?',
        id,
        reference,
      )?.digest;
  const row =
    digest === undefined
      ? undefined
      : database.get<ManifestRow>(
          `SELECT m.*, c.size FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
            WHERE m.repository_id = ? AND m.digest = ?`,
          id,
          digest,
        );
  if (row === undefined) throw notFound('manifest', `${full_name} ${reference}`);
  return row;
}

function readDocument(database: Database, digest: string): Document {
  const { bytes } = database.get<{ bytes: Uint8Array }>(
    'SELECT bytes FROM manifest_content WHERE digest = ?',
    digest,
  )!;
  return JSON.parse(Buffer.from(bytes).toString()) as Document;
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

const tagsOf = (database: Database, { id }: RepositoryRecord, digest: string): readonly string[] =>
  database
    .all<{ name: string }>(
      'SELECT name FROM tag WHERE repository_id = ? AND digest = ? ORDER BY name',
      id,
      digest,
    )
    .map(({ name }) => name);

/** What an index names; with its whole size where the repository has it. */
const childrenOf = (
  database: Database,
  { id }: RepositoryRecord,
  children: readonly Descriptor[],
): ManifestDetail['manifests'] =>
  children.map(({ digest, mediaType, size, platform }) => {
    const known = database.get<{ total_size: number; platform: string }>(
      'SELECT total_size, platform FROM repository_manifest WHERE repository_id = ? AND digest = ?',
      id,
      digest,
    );
    const named = platform === undefined ? known?.platform : formatPlatform(platform);
    return {
      digest,
      mediaType: mediaType || mediaTypes.ociManifest,
      ...(named && { platform: named }),
      size: known?.total_size ?? size,
    };
  });

const referrersOf = (database: Database, { id }: RepositoryRecord, digest: string): readonly Referrer[] =>
  database
    .all<ManifestRow>(
      `SELECT m.*, c.size FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
        WHERE m.repository_id = ? AND m.subject = ? ORDER BY m.pushed_at DESC LIMIT ${mostReferrers}`,
      id,
      digest,
    )
    .map((row) => ({
      digest: row.digest,
      mediaType: row.media_type,
      artifactType: row.artifact_type,
      size: row.size,
      annotations: JSON.parse(row.annotations) as Record<string, string>,
    }));
