import type { Log } from '#base/log.ts';
import type { ContentStore } from '#content/content-store.ts';
import type { RegistryClient } from '#distribution/client.ts';
import type { Snapshotter } from '#snapshot/snapshotter.ts';
import type { ImageRecords } from './image-records.ts';
import type { ImagesOptions } from './images.ts';
import type { LayerSources } from './layer-sources.ts';
import type { Layers } from './layers.ts';
import type { Slots } from './slots.ts';
import type { Transfers } from './transfers.ts';

/** What the verbs of this room work with; each takes only the part it needs. */
export interface Rooms {
  readonly records: ImageRecords;
  readonly sources: LayerSources;
  readonly layers: Layers;
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  readonly client: RegistryClient;
  readonly transfers: Transfers;
  readonly downloads: Slots;
  readonly uploads: Slots;
  readonly usersOf: ImagesOptions['usersOf'];
  readonly changedConfig: ImagesOptions['changedConfig'];
  readonly publish: (action: string, id: string, attributes?: Readonly<Record<string, string>>) => void;
  readonly log: Log;
  readonly now: () => Date;
}
