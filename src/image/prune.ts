import type { ImageDeleteResponseItem } from '#api/image.ts';
import { timeBefore } from '#api/until.ts';
import { EngineError, invalid } from '#base/errors.ts';
import { type Filters, matchesLabels } from '#events/filters.ts';
import { familiarString } from '#oci/reference.ts';
import type { Image } from './images.ts';
import { booleanFilter } from './list.ts';
import { removeImage } from './remove.ts';
import type { Rooms } from './rooms.ts';

type PruneRooms = Pick<
  Rooms,
  'records' | 'layers' | 'content' | 'snapshotter' | 'usersOf' | 'publish' | 'now'
>;

const known = ['dangling', 'label', 'label!', 'until'];

/** Removes images without a tag, or with `dangling=false` all that no container uses; and layers kept for pulls. */
export async function pruneImages(rooms: PruneRooms, filters: Filters) {
  for (const name of Object.keys(filters))
    if (!known.includes(name)) throw invalid(`invalid filter '${name}'`);
  const danglingOnly = booleanFilter(filters, 'dangling') ?? true;
  const before = bytesStored(rooms);
  const deleted: ImageDeleteResponseItem[] = [];
  for (const image of rooms.records.all()) {
    if (!isWanted(rooms, image, filters)) continue;
    for (const word of wordsFor(rooms, image, danglingOnly))
      deleted.push(...(await removeIfFree(rooms, word)));
  }
  await rooms.layers.collect({ kept: true });
  const spaceReclaimed = Math.max(0, before - bytesStored(rooms));
  rooms.publish('prune', '', { reclaimed: String(spaceReclaimed) });
  return { deleted, spaceReclaimed };
}

const bytesStored = ({ snapshotter }: PruneRooms): number =>
  snapshotter.listLayers().reduce((sum, { size }) => sum + size, 0);

function isWanted({ records, usersOf, now }: PruneRooms, image: Image, filters: Filters): boolean {
  if (records.find(image.id) === undefined || usersOf(image.id).length > 0) return false;
  const labels = image.config.config?.Labels;
  if (!matchesLabels(filters['label'], labels)) return false;
  if (filters['label!'] !== undefined && matchesLabels(filters['label!'], labels)) return false;
  const made = Date.parse(image.config.created ?? '') || 0;
  return (filters['until'] ?? []).every((text) => made < timeBefore(text, now()));
}

/** By which words an image is removed: its tags one by one, its id when it has none. */
function wordsFor({ records }: PruneRooms, image: Image, danglingOnly: boolean): readonly string[] {
  const { tags, digests } = records.namesOf(image.id);
  if (danglingOnly) return tags.length > 0 || records.children(image.id).length > 0 ? [] : [image.id];
  const names = [...tags, ...(tags.length === 0 ? digests : [])].map(familiarString);
  return names.length > 0 ? names : [image.id];
}

async function removeIfFree(rooms: PruneRooms, word: string): Promise<readonly ImageDeleteResponseItem[]> {
  try {
    return await removeImage(rooms, word, {});
  } catch (error) {
    if (error instanceof EngineError && (error.kind === 'conflict' || error.kind === 'notFound')) return [];
    throw error;
  }
}
