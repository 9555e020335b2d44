import type { ImageSummary } from '#api/image.ts';
import { timeBefore } from '#api/until.ts';
import { matchPath } from '#archive/path-pattern.ts';
import { EngineError, invalid } from '#base/errors.ts';
import { type Filters, matchesLabels } from '#events/filters.ts';
import type { Digest } from '#oci/digest.ts';
import { familiarName, familiarString, type Reference } from '#oci/reference.ts';
import { findImage, noSuchImage } from './find-image.ts';
import type { Image } from './images.ts';
import type { Rooms } from './rooms.ts';

type ListRooms = Pick<Rooms, 'records' | 'snapshotter' | 'usersOf' | 'now'>;

export interface ListOptions {
  readonly all?: boolean;
  readonly filters?: Filters;
  readonly sharedSize?: boolean;
  readonly containers?: boolean;
}

const known = ['dangling', 'label', 'before', 'since', 'reference', 'until'];

/** `GET /images/json`: newest first. Without `all`, parents of other images that have no name are left out. */
export function listImages(rooms: ListRooms, options: ListOptions): readonly ImageSummary[] {
  const filters = options.filters ?? {};
  for (const name of Object.keys(filters))
    if (!known.includes(name)) throw invalid(`invalid filter '${name}'`);
  const wanted = timeFilter(rooms, filters);
  const parents = rooms.records.parents();
  const shared = options.sharedSize ? sharedSizes(rooms) : undefined;
  return rooms.records
    .all()
    .filter((image) => wanted(image) && matchesLabels(filters['label'], image.config.config?.Labels))
    .flatMap((image) =>
      summaries(rooms, image, { ...options, filters, isParent: parents.has(image.id), shared }),
    )
    .sort((a, b) => b.Created - a.Created);
}

interface Context extends ListOptions {
  readonly filters: Filters;
  readonly isParent: boolean;
  readonly shared: ReadonlyMap<Digest, number> | undefined;
}

function summaries(rooms: ListRooms, image: Image, context: Context): ImageSummary[] {
  const { filters } = context;
  const dangling = booleanFilter(filters, 'dangling');
  const names = rooms.records.namesOf(image.id);
  const tags = names.tags.filter((name) => matchesReference(filters, name)).map(familiarString);
  const digests = names.digests.filter((name) => matchesReference(filters, name)).map(familiarString);
  if (tags.length + digests.length === 0) {
    if (context.isParent && !context.all) return [];
    if (dangling === false || filters['reference'] !== undefined) return [];
  } else if (dangling === true && tags.length > 0) return [];
  return [
    {
      Id: image.id,
      ParentId: image.parent ?? '',
      RepoTags: tags,
      RepoDigests: digests,
      Created: secondsOf(image.config.created),
      Size: image.size,
      SharedSize: context.shared === undefined ? -1 : sharedSize(rooms, image, context.shared),
      Labels: image.config.config?.Labels ?? null,
      Containers: context.containers ? rooms.usersOf(image.id).length : -1,
    },
  ];
}

/** Seconds since 1970; 0 for a time that is not told. */
export const secondsOf = (time: string | undefined): number => {
  const milliseconds = time === undefined ? 0 : Date.parse(time);
  return Number.isNaN(milliseconds) ? 0 : Math.floor(milliseconds / 1000);
};

export function booleanFilter(filters: Filters, name: string): boolean | undefined {
  const values = filters[name];
  if (values === undefined) return undefined;
  const [yes, no] = [
    values.some((value) => /^(1|t|true|TRUE|True)$/.test(value)),
    values.some((value) => /^(0|f|false|FALSE|False)$/.test(value)),
  ];
  if (yes === no) throw invalid(`invalid filter '${name}=[${values.join(' ')}]'`);
  return yes;
}

function matchesReference(filters: Filters, name: Reference): boolean {
  const patterns = filters['reference'];
  return (
    patterns === undefined ||
    patterns.some((p) => matchPath(p, familiarString(name)) || matchPath(p, familiarName(name)))
  );
}

function timeFilter(rooms: ListRooms, filters: Filters): (image: Image) => boolean {
  const made = (image: Image) => Date.parse(image.config.created ?? '') || 0;
  const madeOf = (word: string) => {
    const found = findImage(rooms.records, word);
    if (found === undefined) throw new EngineError('notFound', noSuchImage(word).message);
    return made(rooms.records.find(found.id)!);
  };
  const before = [
    ...(filters['before'] ?? []).map(madeOf),
    ...(filters['until'] ?? []).map((text) => timeBefore(text, rooms.now())),
  ];
  const since = (filters['since'] ?? []).map(madeOf);
  return (image) => before.every((time) => made(image) < time) && since.every((time) => made(image) > time);
}

/** In how many images each layer is. */
function sharedSizes({ records }: ListRooms): ReadonlyMap<Digest, number> {
  const counts = new Map<Digest, number>();
  for (const { layers } of records.all())
    for (const diffId of new Set(layers)) counts.set(diffId, (counts.get(diffId) ?? 0) + 1);
  return counts;
}

function sharedSize({ snapshotter }: ListRooms, image: Image, counts: ReadonlyMap<Digest, number>): number {
  const shared = [...new Set(image.layers)].filter((diffId) => (counts.get(diffId) ?? 0) > 1);
  return shared.reduce((sum, diffId) => sum + snapshotter.getLayer(diffId).size, 0);
}
