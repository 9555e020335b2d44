import type { ImageDeleteResponseItem } from '#api/image.ts';
import { crashPoint } from '#base/crash-point.ts';
import { conflict, type EngineError } from '#base/errors.ts';
import { shortId } from '#base/id.ts';
import { chainId, type Digest, digestOf } from '#oci/digest.ts';
import {
  familiarString,
  parseReference,
  type Reference,
  repositoryOf,
  withDefaultTag,
} from '#oci/reference.ts';
import { findImage, noSuchImage } from './find-image.ts';
import type { Names } from './image-records.ts';
import type { Image } from './images.ts';
import type { Rooms } from './rooms.ts';

type RemoveRooms = Pick<Rooms, 'records' | 'layers' | 'content' | 'snapshotter' | 'usersOf' | 'publish'>;

export interface RemoveOptions {
  readonly force?: boolean;
  /** Leave parents that have no name and no other children. */
  readonly noPrune?: boolean;
}

/**
 * Removes a name, and with the last name the image and what of its parents and layers nothing else needs.
 *
 * @returns what went, in order: Docker's reply
 * @throws {EngineError} `conflict` while containers or other images need it, in Docker's words
 */
export async function removeImage(
  rooms: RemoveRooms,
  word: string,
  options: RemoveOptions,
): Promise<readonly ImageDeleteResponseItem[]> {
  const found = findImage(rooms.records, word);
  if (found === undefined) throw noSuchImage(word);
  const gone: ImageDeleteResponseItem[] = [];
  const removed: Image[] = [];
  const isId = found.id.startsWith(word) || found.id.slice('sha256:'.length).startsWith(word);
  rooms.records.transaction(() => {
    const tree = { rooms, gone, removed, force: options.force === true, prune: options.noPrune !== true };
    if (isId) {
      if (!untagAll(tree, found.id)) return;
      removeTree(tree, found.id, false);
    } else if (untagOne(tree, found.id, word)) removeTree(tree, found.id, true);
  });
  crashPoint('image.removed');
  for (const { Untagged } of gone)
    if (Untagged !== undefined) rooms.publish('untag', found.id, { name: found.id });
  for (const { id } of removed) rooms.publish('delete', id, { name: id });
  await dropRest(rooms, removed);
  return gone;
}

interface Removal {
  readonly rooms: RemoveRooms;
  readonly gone: ImageDeleteResponseItem[];
  readonly removed: Image[];
  readonly force: boolean;
  readonly prune: boolean;
}

/** @returns whether that was the last name */
function untagOne({ rooms, gone, force }: Removal, id: Digest, word: string): boolean {
  const { records, usersOf } = rooms;
  const names = records.namesOf(id);
  const [user] = usersOf(id);
  if (!force && user !== undefined && isSingleName(names))
    throw conflict(
      `conflict: unable to remove repository reference ${JSON.stringify(word)} (must force) - container ${shortId(user.containerId)} is using its referenced image ${shortId(id)}`,
    );
  const parsed = withDefaultTag(parseReference(word));
  const name: Reference =
    parsed.digest === undefined
      ? parsed
      : { domain: parsed.domain, path: parsed.path, digest: parsed.digest };
  const untag = (reference: Reference) => {
    records.unname(reference);
    gone.push({ Untagged: familiarString(reference) });
  };
  untag(name);
  const left = records.namesOf(id);
  const sameRepository = (other: Reference) => repositoryOf(other) === repositoryOf(name);
  // Digests go with the last tag of their repository.
  if (name.digest === undefined && !left.tags.some(sameRepository))
    left.digests.filter(sameRepository).forEach(untag);
  const rest = records.namesOf(id);
  return rest.tags.length + rest.digests.length === 0;
}

/** By id: all names go when they are of one repository, else the id alone does not say which. @returns whether to go on */
function untagAll({ rooms, gone, force }: Removal, id: Digest): boolean {
  const names = rooms.records.namesOf(id);
  if (!isSingleName(names)) return true;
  const problem = conflictOf(rooms, id, { soft: !force, names: false });
  if (problem !== undefined) throw problem;
  for (const name of [...names.tags, ...names.digests]) {
    rooms.records.unname(name);
    gone.push({ Untagged: familiarString(name) });
  }
  return true;
}

/** At most one tag, and all digests of its repository. */
function isSingleName({ tags, digests }: Names): boolean {
  if (tags.length + digests.length <= 1) return true;
  const repositories = new Set([...tags, ...digests].map(repositoryOf));
  return tags.length <= 1 && repositories.size === 1;
}

/** @param quiet a conflict leaves the image be instead of failing */
function removeTree(removal: Removal, id: Digest, quiet: boolean): void {
  const { rooms, gone, removed, force, prune } = removal;
  const problem = conflictOf(rooms, id, { soft: !force, names: true });
  if (problem !== undefined) {
    if (quiet) return;
    throw problem;
  }
  const image = rooms.records.find(id)!;
  const names = rooms.records.namesOf(id);
  for (const name of [...names.tags, ...names.digests]) gone.push({ Untagged: familiarString(name) });
  rooms.records.remove(id);
  removed.push(image);
  gone.push({ Deleted: id }, ...deletedLayers(rooms, image));
  if (
    prune &&
    image.parent !== undefined &&
    rooms.records.find(image.parent) !== undefined &&
    isUnnamed(rooms, image.parent)
  )
    removeTree({ ...removal, force: false }, image.parent, true);
}

function isUnnamed({ records }: RemoveRooms, id: Digest): boolean {
  const { tags, digests } = records.namesOf(id);
  return tags.length + digests.length === 0 && records.children(id).length === 0;
}

/** What forbids removing an image: dependents and running containers always, the rest unless forced. */
function conflictOf(
  rooms: RemoveRooms,
  id: Digest,
  ask: { readonly soft: boolean; readonly names: boolean },
): EngineError | undefined {
  const problem = (hard: boolean, why: string) =>
    conflict(
      `conflict: unable to delete ${shortId(id)} (${hard ? 'cannot be forced' : 'must be forced'}) - ${why}`,
    );
  if (rooms.records.children(id).length > 0) return problem(true, 'image has dependent child images');
  const users = rooms.usersOf(id);
  const running = users.find((user) => user.running);
  if (running !== undefined)
    return problem(true, `image is being used by running container ${shortId(running.containerId)}`);
  if (!ask.soft) return undefined;
  const { tags, digests } = rooms.records.namesOf(id);
  if (ask.names && tags.length + digests.length > 0)
    return problem(false, 'image is referenced in multiple repositories');
  const stopped = users.find((user) => !user.running);
  if (stopped === undefined) return undefined;
  return problem(false, `image is being used by stopped container ${shortId(stopped.containerId)}`);
}

/** The chain IDs that no other image stacks to, top first, as Docker lists them. */
function deletedLayers({ records }: RemoveRooms, image: Image): ImageDeleteResponseItem[] {
  const kept = new Set(records.all().flatMap(({ layers }) => chainsOf(layers)));
  return chainsOf(image.layers)
    .reverse()
    .filter((chain) => !kept.has(chain))
    .map((Deleted) => ({ Deleted }));
}

function chainsOf(layers: readonly Digest[]): Digest[] {
  const chains: Digest[] = [];
  for (const diffId of layers) {
    const below = chains.at(-1);
    chains.push(below === undefined ? chainId([diffId]) : digestOf(`${below} ${diffId}`));
  }
  return chains;
}

/** The bytes of images whose records are gone: layers and manifests that nothing else names. */
async function dropRest({ records, layers, content }: RemoveRooms, removed: readonly Image[]): Promise<void> {
  if (removed.length === 0) return;
  await layers.collect({ only: [...new Set(removed.flatMap((image) => image.layers))] });
  for (const { digest } of content.list()) if (!records.hasManifest(digest)) await content.remove(digest);
}
