import { ContentStore } from '#content/content-store.ts';
import { RegistryClient } from '#distribution/client.ts';
import { isDigest } from '#oci/digest.ts';
import { EngineImages } from './engine-images.ts';
import { ImageRecords } from './image-records.ts';
import type { Images, ImagesOptions } from './images.ts';
import { LayerSources } from './layer-sources.ts';
import { Layers } from './layers.ts';
import { Operations } from './operations.ts';
import type { Rooms } from './rooms.ts';
import { Slots } from './slots.ts';
import { Transfers } from './transfers.ts';

/** Opens the images of an engine: what a crash left half-made is finished or undone first. */
export async function openImages(options: ImagesOptions): Promise<Images> {
  const { database, snapshotter, log, usersOf, changedConfig } = options;
  const now = options.now ?? (() => new Date());
  const records = new ImageRecords(database, now);
  const rooms: Rooms = {
    ...{ records, snapshotter, log, now, usersOf, changedConfig },
    sources: new LayerSources(database),
    layers: new Layers({ database, snapshotter, log, now }),
    content: await ContentStore.open({ root: options.contentRoot, database, now }),
    client: new RegistryClient(options.registry),
    transfers: new Transfers(),
    downloads: new Slots(options.maxConcurrentDownloads ?? 3),
    uploads: new Slots(options.maxConcurrentUploads ?? 5),
    publish: publisher(records, options.events),
  };
  await recover(rooms);
  return new EngineImages(rooms, new Operations(options.onIdle));
}

/** Tells events as Docker does: an image's labels come along. */
function publisher(records: ImageRecords, events: ImagesOptions['events']): Rooms['publish'] {
  return (action, id, attributes = {}) => {
    const image = isDigest(id) ? records.find(id) : undefined;
    events?.publish({
      type: 'image',
      action,
      id,
      attributes: { ...image?.config.config?.Labels, ...attributes },
    });
  };
}

/** Layers and manifests that no record names were of something cut short. */
async function recover({ layers, content, records }: Rooms): Promise<void> {
  await layers.collect();
  for (const { digest } of content.list()) if (!records.hasManifest(digest)) await content.remove(digest);
}
