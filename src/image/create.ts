import type { JSONMessage } from '#api/image.ts';
import { decompressed } from '#archive/compression.ts';
import { crashPoint } from '#base/crash-point.ts';
import { invalid } from '#base/errors.ts';
import { type Digest, emptyLayer } from '#oci/digest.ts';
import type { ImageConfig } from '#oci/image-config.ts';
import { hostPlatform, parsePlatform } from '#oci/platform.ts';
import { rawConfigOf } from './image-id.ts';
import type { CommitRequest, CreateRequest, Image, ImportRequest } from './images.ts';
import type { Rooms } from './rooms.ts';
import { newName, publishTag } from './tag.ts';

type CreateRooms = Pick<Rooms, 'records' | 'layers' | 'snapshotter' | 'publish' | 'now' | 'changedConfig'>;

/** Records an image made here, of layers that are stored, and names it. */
export function createImage(rooms: CreateRooms, request: CreateRequest): Image {
  const { records, snapshotter } = rooms;
  const names = (request.names ?? []).map((name) => newName(name));
  const { id, rawConfig } = rawConfigOf(request.config);
  const layers = request.config.rootfs.diff_ids;
  const missing = layers.find((diffId) => !snapshotter.has(diffId));
  if (missing !== undefined) throw invalid(`layer ${missing} is not stored`);
  const size = layers.reduce((sum, diffId) => sum + snapshotter.getLayer(diffId).size, 0);
  crashPoint('image.layers-made');
  records.transaction(() => {
    records.add({ id, rawConfig, layers, size, parent: request.parent });
    for (const name of names) records.name(name, id);
  });
  crashPoint('image.recorded');
  for (const name of names) publishTag(rooms, id, name);
  return records.find(id)!;
}

/** An image of what a container changed, above the image it was made from. */
export async function commitImage(rooms: CreateRooms, request: CommitRequest): Promise<Image> {
  for (const name of named(request.name).names) newName(name);
  const config = rooms.changedConfig(request.config, request.changes ?? []);
  const parent = request.parent === undefined ? undefined : rooms.records.find(request.parent);
  using held = new DisposableStack();
  held.use(await rooms.layers.acquire(parent?.layers ?? []));
  const layer = await storeLayer(rooms, request.tar, held, undefined);
  const image = createImage(rooms, {
    config: committedConfig(rooms, request, { parent, config, layer }),
    ...(parent === undefined ? {} : { parent: parent.id }),
    ...named(request.name),
  });
  return image;
}

function committedConfig(
  { now }: CreateRooms,
  request: CommitRequest,
  made: { parent: Image | undefined; config: ImageConfig['config']; layer: Digest | undefined },
): ImageConfig {
  const { parent, config = {}, layer } = made;
  const created = now().toISOString();
  const step = {
    created,
    created_by: request.createdBy ?? '',
    ...(request.author ? { author: request.author } : {}),
    ...(request.message ? { comment: request.message } : {}),
    ...(layer === undefined ? { empty_layer: true } : {}),
  };
  return {
    ...(parent === undefined ? platformFields() : platformFieldsOf(parent.config)),
    created,
    ...(request.author ? { author: request.author } : {}),
    config,
    rootfs: {
      type: 'layers',
      diff_ids: [...(parent?.layers ?? []), ...(layer === undefined ? [] : [layer])],
    },
    history: [...(parent?.config.history ?? []), step],
  };
}

const platformFields = (platform = hostPlatform) => ({
  architecture: platform.architecture,
  os: platform.os,
  ...(platform.variant === undefined ? {} : { variant: platform.variant }),
});

const platformFieldsOf = ({ architecture, os, variant }: ImageConfig) => ({
  architecture,
  os,
  ...(variant ? { variant } : {}),
});

/** An image of one layer, from the tar of a root file system. */
export async function importImage(
  rooms: CreateRooms,
  request: ImportRequest,
  signal: AbortSignal,
): Promise<JSONMessage> {
  for (const name of named(request.name).names) newName(name);
  const config = rooms.changedConfig({}, request.changes ?? []);
  const platform = request.platform ? parsePlatform(request.platform) : hostPlatform;
  using held = new DisposableStack();
  const layer = await storeLayer(rooms, decompressed(request.tar), held, signal);
  const created = rooms.now().toISOString();
  const image = createImage(rooms, {
    config: {
      ...platformFields(platform),
      created,
      config,
      rootfs: { type: 'layers', diff_ids: layer === undefined ? [] : [layer] },
      history: [
        { created, created_by: '', comment: request.message || `Imported from ${request.source ?? '-'}` },
      ],
    },
    ...named(request.name),
  });
  rooms.publish('import', image.id, { name: image.id });
  return { status: image.id };
}

const named = (name = '') => ({ names: name === '' ? [] : [name] });

/** @returns undefined for a tar with nothing in it, which makes no layer. */
async function storeLayer(
  { layers }: CreateRooms,
  tar: AsyncIterable<Uint8Array>,
  held: DisposableStack,
  signal: AbortSignal | undefined,
): Promise<Digest | undefined> {
  const diffId = await layers.ingest(tar, held, signal);
  crashPoint('image.layer-made');
  return diffId === emptyLayer ? undefined : diffId;
}
