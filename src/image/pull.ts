import { crashPoint } from '#base/crash-point.ts';
import { invalid } from '#base/errors.ts';
import type { Repository } from '#distribution/repository.ts';
import { type Digest, isDigest } from '#oci/digest.ts';
import type { ImageConfig } from '#oci/image-config.ts';
import { type Descriptor, type Manifest, maxConfigBytes, parseManifest } from '#oci/manifest.ts';
import { parseImageConfig } from '#oci/parse-config.ts';
import { hostPlatform, type Platform, parsePlatform, samePlatform } from '#oci/platform.ts';
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
import { checkPlatform, platformOf, type Resolved, resolve } from './resolve.ts';
import type { Rooms } from './rooms.ts';

type PullRooms = Pick<
  Rooms,
  | 'records'
  | 'sources'
  | 'layers'
  | 'content'
  | 'snapshotter'
  | 'client'
  | 'transfers'
  | 'downloads'
  | 'publish'
  | 'log'
>;

interface Pull {
  readonly rooms: PullRooms;
  readonly repository: Repository;
  readonly reference: Reference;
  readonly platform: Platform | undefined;
  readonly report: Report;
  readonly signal: AbortSignal;
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
    let isNew = false;
    for (const tag of tags) {
      const one = withTagOrDigest(reference, tag);
      const changed = await pullOne({ rooms, repository, reference: one, platform, report, signal });
      isNew ||= changed;
    }
    const what = isNew ? 'Downloaded newer image for' : 'Image is up to date for';
    report({ status: `Status: ${what} ${familiarString(reference)}` });
    rooms.publish('pull', familiarString(reference), { name: familiarName(reference) });
  } catch (error) {
    throw signal.aborted ? signal.reason : pullError(error, reference);
  }
}

/** @returns whether the name means another image now */
async function pullOne(pull: Pull): Promise<boolean> {
  const { repository, reference, report, signal } = pull;
  const target = reference.digest ?? reference.tag ?? 'latest';
  const known = isDigest(target) ? target : await digestOfTag(pull, target);
  const here = known === undefined ? undefined : alreadyHere(pull, known);
  if (here !== undefined && known !== undefined) return finish(pull, { id: here, digest: known });
  const remote = await repository.getManifest(target, signal);
  report({ status: `Pulling from ${reference.path}`, id: target });
  const resolved = await resolve(pull, parseManifest(remote.bytes, remote.mediaType), remote);
  using layers = new DisposableStack();
  const record = await fetchImage(pull, resolved, layers);
  return finish(pull, { id: resolved.manifest.config.digest, digest: remote.digest, record });
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
  if (image === undefined || !samePlatform(platformOf(image.config), platform ?? hostPlatform))
    return undefined;
  report({ status: `Pulling from ${reference.path}`, id: reference.digest ?? reference.tag ?? 'latest' });
  return image.id;
}

/**
 * Everything of an image: config, layers, manifest.
 *
 * @param held keeps the layers until the image is recorded
 * @returns how to record it, once it can be named in the same transaction
 */
async function fetchImage(
  pull: Pull,
  { manifest, bytes, digest }: Resolved,
  held: DisposableStack,
): Promise<() => void> {
  const { rooms, reference } = pull;
  const id = manifest.config.digest;
  const rawConfig = await fetchConfig(pull, manifest.config);
  const config = parseImageConfig(rawConfig);
  checkPlatform(pull, config);
  const layers = pairLayers(manifest, config);
  const from = repositoryOf(reference);
  held.use(await rooms.layers.acquire(config.rootfs.diff_ids));
  if (rooms.records.find(id) === undefined)
    await pullLayers({ ...pull, ...rooms, from }, layers, (diffId) => rooms.layers.keep(diffId));
  await rooms.content.put(bytes);
  crashPoint('image.layers-pulled');
  const size = layers.reduce((sum, { diffId }) => sum + rooms.snapshotter.getLayer(diffId).size, 0);
  return () => {
    rooms.records.add({ id, rawConfig: rawConfig.toString(), layers: config.rootfs.diff_ids, size });
    rooms.records.addManifest(id, digest);
    for (const { diffId, blob } of layers) rooms.sources.confirm({ diffId, blob, repository: from });
  };
}

async function fetchConfig({ repository, signal }: Pull, config: Descriptor): Promise<Buffer> {
  if (config.size > maxConfigBytes)
    throw invalid(`config is ${config.size} bytes long, more than ${maxConfigBytes}`);
  return Buffer.concat(await Array.fromAsync(repository.fetchBlob(config, signal)));
}

function pairLayers(manifest: Manifest, config: ImageConfig): readonly LayerToPull[] {
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length)
    throw invalid(
      `layers from manifest don't match image configuration: ${manifest.layers.length} and ${diffIds.length}`,
    );
  return manifest.layers.map((blob, index) => ({ blob, diffId: diffIds[index]! }));
}

/** Records and names the image in one go. @returns whether the name means another image now */
function finish(
  pull: Pull,
  image: { readonly id: Digest; readonly digest: Digest; readonly record?: () => void },
): boolean {
  const { rooms, reference, report } = pull;
  const { domain, path, tag } = reference;
  const before = rooms.records.transaction(() => {
    image.record?.();
    const byDigest = rooms.records.name({ domain, path, digest: image.digest }, image.id);
    return tag === undefined ? byDigest : rooms.records.name({ domain, path, tag }, image.id);
  });
  crashPoint('image.named');
  report({ status: `Digest: ${image.digest}` });
  return before !== image.id;
}
