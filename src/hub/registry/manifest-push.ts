import { createHash } from 'node:crypto';
import { crashPoint } from '#base/crash-point.ts';
import { readWhole } from '#base/read-whole.ts';
import type { Digest } from '#oci/digest.ts';
import { maxConfigBytes, maxManifestBytes } from '#oci/manifest.ts';
import { isConfigType } from '#oci/media-types.ts';
import { parseImageConfig } from '#oci/parse-config.ts';
import { formatPlatform, normalizePlatform } from '#oci/platform.ts';
import type { Call } from '../http/call.ts';
import type { Reply } from '../http/reply.ts';
import type { PushedManifest, RepositoryRecord } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { denied, nameUnknown, RegistryError } from './errors.ts';
import { hasMoreValues } from './json-values.ts';
import { type ManifestDocument, readManifest } from './manifest-document.ts';
import { algorithmOf, checkedDigest, isTag } from './names.ts';
import { planWarning } from './plan-room.ts';
import { answer } from './replies.ts';

/** A config of more is described without its platform. */
const mostConfigValues = 100_000;
/** Of digests that are missing, so many are told. */
const mostMissing = 100;

/**
 * Takes a manifest, and names it. All that it refers to must be in the repository by then; a subject need not.
 *
 * @see OCI distribution-spec, § Pushing manifests
 */
export async function pushManifest(
  rooms: HubRooms,
  store: BlobStore,
  { call, repository }: { readonly call: Call; readonly repository: RepositoryRecord },
): Promise<Reply> {
  const reference = call.param('reference');
  const named = reference.includes(':') ? checkedDigest(reference) : undefined;
  if (named === undefined && !isTag(reference))
    throw new RegistryError('MANIFEST_INVALID', `invalid tag: ${JSON.stringify(reference.slice(0, 300))}`);
  const bytes = await received(call);
  const digest = digestBy(named === undefined ? 'sha256' : algorithmOf(named), bytes);
  if (named !== undefined && named !== digest)
    throw new RegistryError('DIGEST_INVALID', 'provided digest did not match uploaded content', {
      detail: { digest: named, actual: digest },
    });
  const document = readManifest(bytes, call.header('content-type'));
  await push(rooms, repository, {
    ...{ digest, bytes, mediaType: document.mediaType, artifactType: document.artifactType },
    ...{ annotations: document.annotations, subject: document.subject, references: document.references },
    platform: await platformOf(rooms, store, repository, document),
    tag: named === undefined ? reference : undefined,
    by: call.actor.kind === 'person' ? call.actor.name : undefined,
  });
  crashPoint('registry.manifest.recorded');
  const warning = planWarning(await rooms.records.uploads.room(repository));
  return answer(201, {
    headers: {
      Location: `/v2/${repository.fullName}/manifests/${reference}`,
      'Docker-Content-Digest': digest,
      ...(document.subject === undefined ? {} : { 'OCI-Subject': document.subject }),
      ...(warning === undefined ? {} : { Warning: warning }),
    },
  });
}

/** @throws {RegistryError}, {LimitReached} */
async function push(
  { records }: HubRooms,
  repository: RepositoryRecord,
  manifest: PushedManifest,
): Promise<void> {
  const pushed = await records.manifests.push(repository, manifest);
  switch (pushed.kind) {
    case 'pushed':
      return;
    case 'gone':
      throw nameUnknown(repository.fullName);
    case 'immutable':
      throw denied(`tag ${manifest.tag} is immutable, and is ${pushed.digest}`);
    case 'wrongSize':
      throw new RegistryError(
        'MANIFEST_INVALID',
        `${pushed.reference.digest} is ${pushed.actual} bytes long, not ${pushed.reference.size}`,
      );
    case 'missing':
      throw missing(pushed.digests.slice(0, mostMissing));
  }
}

const missing = (digests: readonly string[]): RegistryError =>
  new RegistryError(
    'MANIFEST_BLOB_UNKNOWN',
    `manifest references what the repository does not have: ${digests.slice(0, 3).join(', ')}`,
    { detail: digests.map((digest) => ({ digest })) },
  );

/** The body, read no further than a manifest may be long. */
async function received(call: Call): Promise<Buffer> {
  if (Number(call.headers['content-length'] ?? 0) > maxManifestBytes) throw tooLong();
  return readWhole(call.body, maxManifestBytes, tooLong);
}

const tooLong = (): RegistryError =>
  new RegistryError('SIZE_INVALID', `a manifest has at most ${maxManifestBytes} bytes`, { status: 413 });

const digestBy = (algorithm: 'sha256' | 'sha512', bytes: Uint8Array): Digest =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;

/** What an image runs on, by its config; empty for what is no image, and where it cannot be told. */
async function platformOf(
  { records }: HubRooms,
  store: BlobStore,
  repository: RepositoryRecord,
  { config }: ManifestDocument,
): Promise<string> {
  if (config === undefined || !isConfigType(config.mediaType) || config.size > maxConfigBytes) return '';
  if ((await records.blobs.find(repository, config.digest))?.size !== config.size) return '';
  try {
    const pieces = await Array.fromAsync(store.read(config.digest));
    const bytes = Buffer.concat(pieces);
    if (hasMoreValues(bytes, mostConfigValues)) return '';
    const { os, architecture, variant } = parseImageConfig(bytes);
    if (architecture === '') return '';
    return formatPlatform(
      normalizePlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) }),
    ).slice(0, 200);
  } catch {
    return '';
  }
}
