import type { HistoryResponseItem, ImageInspect } from '#api/image.ts';
import type { ImageRunConfig } from '#oci/image-config.ts';
import { familiarString } from '#oci/reference.ts';
import type { Image } from './images.ts';
import { secondsOf } from './list.ts';
import type { Rooms } from './rooms.ts';

type InspectRooms = Pick<Rooms, 'records' | 'snapshotter'>;

const never = '0001-01-01T00:00:00Z';

/** `GET /images/{name}/json`. */
export function inspectImage({ records, snapshotter }: InspectRooms, image: Image): ImageInspect {
  const { id, config, size, parent } = image;
  const names = records.namesOf(id);
  const comment = (config as { comment?: unknown }).comment;
  return {
    Id: id,
    RepoTags: names.tags.map(familiarString),
    RepoDigests: names.digests.map(familiarString),
    Parent: parent ?? '',
    Comment:
      typeof comment === 'string' && comment !== '' ? comment : (config.history?.at(-1)?.comment ?? ''),
    ...(config.created === undefined ? {} : { Created: config.created }),
    DockerVersion: config.docker_version ?? '',
    Author: config.author ?? '',
    Config: shownConfig(config.config ?? {}),
    Architecture: config.architecture,
    ...(config.variant ? { Variant: config.variant } : {}),
    Os: config.os,
    ...(config['os.version'] ? { OsVersion: config['os.version'] } : {}),
    Size: size,
    GraphDriver: { Name: snapshotter.name, Data: snapshotter.layerData(image.layers) },
    RootFS: { Type: 'layers', ...(image.layers.length === 0 ? {} : { Layers: image.layers }) },
    Metadata: { LastTagTime: records.taggedAt(id) ?? never },
  };
}

/** What a container would run with, empty fields left out as the OCI form has it. */
function shownConfig(config: ImageRunConfig): NonNullable<ImageInspect['Config']> {
  const fields = Object.entries(config).filter(([name, value]) => shownFields.has(name) && !isEmpty(value));
  return Object.fromEntries(fields) as NonNullable<ImageInspect['Config']>;
}

const shownFields = new Set([
  ...['User', 'ExposedPorts', 'Env', 'Entrypoint', 'Cmd', 'Volumes', 'WorkingDir', 'Labels', 'StopSignal'],
  ...['ArgsEscaped', 'Healthcheck', 'OnBuild', 'Shell'],
]);

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === '' ||
  value === false ||
  (typeof value === 'object' && Object.keys(value).length === 0);

/** `GET /images/{name}/history`: newest first. Steps of images that are not here are `<missing>`. */
export function historyOf(
  { records, snapshotter }: InspectRooms,
  image: Image,
): readonly HistoryResponseItem[] {
  const layers = [...image.layers];
  const items = (image.config.history ?? []).map((step) => {
    const diffId = step.empty_layer ? undefined : layers.shift();
    return {
      Id: '<missing>',
      Created: secondsOf(step.created),
      CreatedBy: step.created_by ?? '',
      Tags: null as readonly string[] | null,
      Size: diffId === undefined ? 0 : snapshotter.getLayer(diffId).size,
      Comment: step.comment ?? '',
    };
  });
  items.reverse();
  let made: Image | undefined = image;
  for (const item of items) {
    if (made === undefined) break;
    const { tags } = records.namesOf(made.id);
    Object.assign(item, { Id: made.id, Tags: tags.length === 0 ? null : tags.map(familiarString) });
    made = made.parent === undefined ? undefined : records.find(made.parent);
  }
  return items;
}
