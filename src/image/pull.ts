import { crashPoint } from '#base/crash-point.ts';
import { EngineError, invalid, unsupported } from '#base/errors.ts';
import type { Repository } from '#distribution/repository.ts';
import { type Digest, isDigest } from '#oci/digest.ts';
import type { ImageConfig } from '#oci/image-config.ts';
import { type Descriptor, type Index, type Manifest, maxConfigBytes, parseManifest } from '#oci/manifest.ts';
import { parseImageConfig } from '#oci/parse-config.ts';
import {
  choosePlatform,
  formatPlatform,
  hostPlatform,
  type Platform,
  parsePlatform,
  satisfies,
} from '#oci/platform.ts';
import {
  familiarName,
  familiarString,
  parseReference,
  type Reference,
  repositoryOf,
  withDefaultTag,
  withTagOrDigest,
} from '#oci/reference.ts';
import type { PullRequest } from './images.ts';
import type { Report } from './progress.ts';
import { pullError } from './pull-errors.ts';
import { type LayerToPull, pullLayers } from './pull-layers.ts';
import type { Rooms } from './rooms.ts';

type PullRooms = Pick<
  Rooms,
  'records' | 'layers' | 'content' | 'snapshotter' | 'client' | 'transfers' | 'downloads' | 'publish' | 'log'
>;

interface Pull {
  readonly rooms: PullRooms;
  readonly repository: Repository;
  readonly reference: Reference;
  readonly platform: Platform | undefined;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** The image of one platform, as a registry describes it. */
interface Resolved {
  readonly manifest: Manifest;
  readonly bytes: Buffer;
  readonly digest: Digest;
}

/** The reference that a pull names, its tag or digest filled in. */
export function pullReference({
  name,
  tag,
  allTags,
}: Pick<PullRequest, 'name' | 'tag' | 'allTags'>): Reference {
  const reference = parseReference(name);
  if (allTags) {
    if (reference.tag !== undefined || reference.digest !== undefined)
      throw invalid("tag can't be used with --all-tags/-a");
    return reference;
  }
  return tag ? withTagOrDigest(reference, tag) : withDefaultTag(reference);
}

/** Pulls one tag or digest, or all tags of a repository. */
export async function pull(
  rooms: PullRooms,
  request: PullRequest,
  report: Report,
  signal: AbortSignal,
): Promise<void> {
  const reference = pullReference(request);
  const platform = request.platform ? parsePlatform(request.platform) : undefined;
  try {
    const options = { access: 'pull', credentials: request.credentials, signal } as const;
    const repository = await rooms.client.repository(reference, options);
    const tags = request.allTags
      ? await repository.listTags(signal)
      : [reference.digest ?? reference.tag ?? 'latest'];
    for (const tag of tags)
      await pullOne({
        rooms,
        repository,
        reference: withTagOrDigest(reference, tag),
        platform,
        report,
        signal,
      });
  } catch (error) {
    throw signal.aborted ? signal.reason : pullError(error, reference);
  }
}

async function pullOne(pull: Pull): Promise<void> {
  const { repository, reference, report, signal } = pull;
  const target = reference.digest ?? reference.tag ?? 'latest';
  const known = isDigest(target) ? target : await digestOfTag(pull, target);
  const here = known === undefined ? undefined : alreadyHere(pull, known);
  if (here !== undefined && known !== undefined) return finish(pull, { id: here, digest: known });
  const remote = await repository.getManifest(target, signal);
  report({ status: `Pulling from ${reference.path}`, id: target });
  const resolved = await resolve(pull, parseManifest(remote.bytes, remote.mediaType), remote);
  using layers = new DisposableStack();
  const id = await fetchImage(pull, resolved, layers);
  finish(pull, { id, digest: remote.digest }, resolved);
}

/** Asks for no more than the digest when we have the tag: then most pulls find nothing to do. */
async function digestOfTag(
  { rooms, repository, reference, signal }: Pull,
  tag: string,
): Promise<Digest | undefined> {
  return rooms.records.named(reference) === undefined ? undefined : repository.findDigest(tag, signal);
}

function alreadyHere({ rooms, reference, platform, report }: Pull, digest: Digest): Digest | undefined {
  const id = rooms.records.named({ domain: reference.domain, path: reference.path, digest });
  const image = id === undefined ? undefined : rooms.records.find(id);
  if (image === undefined || !satisfies(platformOf(image.config), platform ?? hostPlatform)) return undefined;
  report({ status: `Pulling from ${reference.path}`, id: reference.digest ?? reference.tag ?? 'latest' });
  return image.id;
}

const platformOf = ({ os, architecture, variant }: ImageConfig): Platform =>
  variant ? { os, architecture, variant } : { os, architecture };

async function resolve(
  pull: Pull,
  document: Manifest | Index,
  remote: { bytes: Buffer; digest: Digest },
): Promise<Resolved> {
  if (document.kind === 'manifest') return { manifest: document, ...remote };
  const wanted = pull.platform ?? hostPlatform;
  const chosen = choosePlatform(document.manifests, wanted);
  if (chosen === undefined)
    throw new EngineError(
      'notFound',
      `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`,
    );
  const inner = await pull.repository.getManifest(chosen.digest, pull.signal);
  if (inner.bytes.length !== chosen.size)
    throw invalid(
      `manifest ${chosen.digest} is ${inner.bytes.length} bytes long, not ${chosen.size} as announced`,
    );
  const manifest = parseManifest(inner.bytes, inner.mediaType);
  if (manifest.kind === 'index')
    throw unsupported(`index ${remote.digest} holds another index for ${formatPlatform(wanted)}`);
  return { manifest, bytes: inner.bytes, digest: inner.digest };
}

/** Everything of an image: config, layers, then its record. @param held keeps the layers until the record is made */
async function fetchImage(
  pull: Pull,
  { manifest, bytes, digest }: Resolved,
  held: DisposableStack,
): Promise<Digest> {
  const { rooms, reference } = pull;
  const rawConfig = await fetchConfig(pull, manifest.config);
  const config = parseImageConfig(rawConfig);
  checkPlatform(pull, config);
  const layers = pairLayers(manifest, config);
  held.use(await rooms.layers.acquire(config.rootfs.diff_ids));
  await pullLayers({ ...pull, ...rooms }, layers, (diffId) => rooms.layers.keep(diffId));
  await rooms.content.put(bytes);
  crashPoint('image.layers-pulled');
  const size = layers.reduce((sum, { diffId }) => sum + rooms.snapshotter.getLayer(diffId).size, 0);
  rooms.records.transaction(() => {
    const id = manifest.config.digest;
    rooms.records.add({ id, rawConfig: rawConfig.toString(), layers: config.rootfs.diff_ids, size });
    rooms.records.addManifest(id, digest);
    for (const { diffId, blob } of layers)
      rooms.records.addSource({ diffId, blob, repository: repositoryOf(reference) });
    rooms.records.name({ domain: reference.domain, path: reference.path, digest }, id);
  });
  return manifest.config.digest;
}

async function fetchConfig({ repository, signal }: Pull, config: Descriptor): Promise<Buffer> {
  if (config.size > maxConfigBytes)
    throw invalid(`config is ${config.size} bytes long, more than ${maxConfigBytes}`);
  return Buffer.concat(await Array.fromAsync(repository.fetchBlob(config, signal)));
}

function checkPlatform({ reference, platform }: Pull, config: ImageConfig): void {
  const have = platformOf(config);
  if (config.os !== 'linux')
    throw unsupported(
      `image operating system ${JSON.stringify(config.os)} cannot be used on this platform: operating system is not supported`,
    );
  if (platform === undefined || satisfies(have, platform)) return;
  const name = familiarString(reference);
  throw new EngineError(
    'notFound',
    `image with reference ${name} was found but its platform (${formatPlatform(have)}) does not match the specified platform (${formatPlatform(platform)})`,
  );
}

function pairLayers(manifest: Manifest, config: ImageConfig): readonly LayerToPull[] {
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length)
    throw invalid(
      `layers from manifest don't match image configuration: ${manifest.layers.length} and ${diffIds.length}`,
    );
  return manifest.layers.map((blob, index) => ({ blob, diffId: diffIds[index]! }));
}

/** Names the image and says how it went. */
function finish(
  pull: Pull,
  image: { readonly id: Digest; readonly digest: Digest },
  resolved?: Resolved,
): void {
  const { rooms, reference, report } = pull;
  const { domain, path, tag } = reference;
  const before = rooms.records.transaction(() => {
    const byDigest = rooms.records.name({ domain, path, digest: image.digest }, image.id);
    return tag === undefined ? byDigest : rooms.records.name({ domain, path, tag }, image.id);
  });
  crashPoint('image.named');
  report({ status: `Digest: ${image.digest}` });
  const name = familiarString(reference);
  const isNew = before !== image.id || (resolved !== undefined && tag === undefined && before === undefined);
  report({
    status: isNew ? `Status: Downloaded newer image for ${name}` : `Status: Image is up to date for ${name}`,
  });
  rooms.publish('pull', name, { name: familiarName(reference) });
}
