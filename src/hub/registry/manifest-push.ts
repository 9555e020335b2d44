import { createHash } from 'node:crypto';
import { crashPoint } from '#base/crash-point.ts';
import type { Digest } from '#oci/digest.ts';
import { maxConfigBytes, maxManifestBytes } from '#oci/manifest.ts';
import { isConfigType } from '#oci/media-types.ts';
import { parseImageConfig } from '#oci/parse-config.ts';
import { formatPlatform, normalizePlatform } from '#oci/platform.ts';
import type { Call } from '../http/call.ts';
import type { Reply } from '../http/reply.ts';
import { isImmutableTag } from '../records/immutable-tags.ts';
import type { RepositoryRecord } from '../records/index.ts';
import { hasBlob } from '../records/sqlite/holdings.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { denied, nameUnknown, RegistryError } from './errors.ts';
import { type ManifestDocument, type Reference, readManifest } from './manifest-document.ts';
import { algorithmOf, checkedDigest, isTag } from './names.ts';
import { planWarning } from './plan-room.ts';
import { answer } from './replies.ts';

interface Pushed {
  readonly repository: RepositoryRecord;
  readonly digest: Digest;
  readonly bytes: Buffer;
  readonly document: ManifestDocument;
  readonly platform: string;
  readonly tag: string | undefined;
  readonly by: string | null;
}

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
  const platform = await platformOf(rooms, store, repository, document);
  const tag = named === undefined ? reference : undefined;
  const by = call.actor.kind === 'person' ? call.actor.name : null;
  rooms.database.transaction(() => record(rooms, { repository, digest, bytes, document, platform, tag, by }));
  crashPoint('registry.manifest.recorded');
  const warning = planWarning(rooms, repository);
  return answer(201, {
    headers: {
      Location: `/v2/${repository.fullName}/manifests/${reference}`,
      'Docker-Content-Digest': digest,
      ...(document.subject === undefined ? {} : { 'OCI-Subject': document.subject }),
      ...(warning === undefined ? {} : { Warning: warning }),
    },
  });
}

/** The body, read no further than a manifest may be long. */
async function received(call: Call): Promise<Buffer> {
  if (Number(call.headers['content-length'] ?? 0) > maxManifestBytes) throw tooLong();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of call.body) {
    size += chunk.length;
    if (size > maxManifestBytes) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

const tooLong = (): RegistryError =>
  new RegistryError('SIZE_INVALID', `a manifest has at most ${maxManifestBytes} bytes`, { status: 413 });

const digestBy = (algorithm: 'sha256' | 'sha512', bytes: Uint8Array): Digest =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;

/** What an image runs on, by its config; empty for what is no image, and where it cannot be told. */
async function platformOf(
  { database }: HubRooms,
  store: BlobStore,
  { id }: RepositoryRecord,
  { config }: ManifestDocument,
): Promise<string> {
  if (config === undefined || !isConfigType(config.mediaType) || config.size > maxConfigBytes) return '';
  if (!hasBlob(database, id, config.digest)) return '';
  try {
    const pieces = await Array.fromAsync(store.read(config.digest));
    const { os, architecture, variant } = parseImageConfig(Buffer.concat(pieces));
    if (architecture === '') return '';
    return formatPlatform(
      normalizePlatform({ os, architecture, ...(variant === undefined ? {} : { variant }) }),
    ).slice(0, 200);
  } catch {
    return '';
  }
}

/** Runs in a transaction. */
function record(rooms: HubRooms, pushed: Pushed): void {
  const { database, ledger, now } = rooms;
  const { repository, digest, bytes, document, platform, by, tag } = pushed;
  const { id } = repository;
  const at = now().toISOString();
  const row = database.get<{ immutable_tags: string }>(
    'UPDATE repository SET updated_at = ? WHERE id = ? RETURNING immutable_tags',
    at,
    id,
  );
  if (row === undefined) throw nameUnknown(repository.fullName);
  const totalSize = checkReferences(rooms, repository, document.references);
  database.run('INSERT OR IGNORE INTO manifest_content VALUES (?, ?, ?)', digest, bytes.length, bytes);
  const isNew =
    database.run(
      `INSERT OR IGNORE INTO repository_manifest
         (repository_id, digest, media_type, artifact_type, annotations, subject, total_size, platform, pushed_at, pushed_by)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ...[id, digest, document.mediaType, document.artifactType, JSON.stringify(document.annotations)],
      ...[document.subject ?? null, totalSize, platform, at, by],
    ) > 0;
  if (isNew) {
    for (const { kind, descriptor } of document.references)
      database.run(
        'INSERT OR IGNORE INTO manifest_link VALUES (?, ?, ?, ?)',
        id,
        digest,
        descriptor.digest,
        kind,
      );
    if (!hasBlob(database, id, digest)) ledger.link(id, { digest, size: bytes.length });
  } else
    database.run(
      'UPDATE repository_manifest SET media_type = ?, pushed_at = ?, pushed_by = ? WHERE repository_id = ? AND digest = ?',
      ...[document.mediaType, at, by, id, digest],
    );
  if (tag !== undefined)
    setTag(rooms, JSON.parse(row.immutable_tags) as string[], { id, tag, digest, at, by });
}

function setTag(
  { database }: HubRooms,
  patterns: readonly string[],
  { id, tag, digest, at, by }: Record<'tag' | 'digest' | 'at', string> & { id: number; by: string | null },
): void {
  const current = database.get<{ digest: string }>(
    'SELECT digest FROM tag WHERE repository_id = ? AND name = ?',
    id,
    tag,
  );
  if (current !== undefined && current.digest !== digest && isImmutableTag(patterns, tag))
    throw denied(`tag ${tag} is immutable, and is ${current.digest}`);
  database.run(
    `INSERT INTO tag (repository_id, name, digest, updated_at, updated_by) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (repository_id, name) DO UPDATE
       SET digest = excluded.digest, updated_at = excluded.updated_at, updated_by = excluded.updated_by`,
    ...[id, tag, digest, at, by],
  );
}

/** Whether a repository has all that a manifest refers to, in the sizes it says. @returns bytes of config and layers */
function checkReferences(
  rooms: HubRooms,
  { id }: RepositoryRecord,
  references: readonly Reference[],
): number {
  const missing: string[] = [];
  let total = 0;
  for (const { kind, descriptor } of references) {
    const { digest, size } = descriptor;
    const actual = kind === 'manifest' ? manifestSize(rooms, id, digest) : blobSize(rooms, id, digest);
    if (actual === undefined) missing.push(digest);
    else if (actual !== size)
      throw new RegistryError('MANIFEST_INVALID', `${digest} is ${actual} bytes long, not ${size}`);
    else if (kind !== 'manifest') total += size;
  }
  if (missing.length === 0) return total;
  const digests = missing.slice(0, 100);
  throw new RegistryError(
    'MANIFEST_BLOB_UNKNOWN',
    `manifest references what the repository does not have: ${digests.slice(0, 3).join(', ')}`,
    { detail: digests.map((digest) => ({ digest })) },
  );
}

const manifestSize = ({ database }: HubRooms, id: number, digest: string): number | undefined =>
  database.get<{ size: number }>(
    `SELECT c.size FROM repository_manifest m JOIN manifest_content c ON c.digest = m.digest
      WHERE m.repository_id = ? AND m.digest = ?`,
    id,
    digest,
  )?.size;

const blobSize = ({ database }: HubRooms, id: number, digest: string): number | undefined =>
  database.get<{ size: number }>(
    `SELECT b.size FROM repository_blob l JOIN blob b ON b.digest = l.digest
      WHERE l.repository_id = ? AND l.digest = ? AND b.bad_at IS NULL`,
    id,
    digest,
  )?.size;
