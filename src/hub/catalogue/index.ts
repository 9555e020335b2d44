/**
 * hub/catalogue: repositories as people see them: described, found, shared, starred, looked into, deleted.
 *
 * Nouns: Repository, Tag, ManifestDetail, Grant, star.
 *
 *     using catalogue = openCatalogue(rooms, { store });
 *     const allowance = catalogue.pulls.check(actor, repository);      // undefined: no limit
 *     catalogue.pulls.count(repository);
 *
 * Called by the Hub's program, which serves its routes, and by the registry, which counts pulls and makes repositories.
 */
import type { Area, Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { Pulls } from '../usage/pull-meter.ts';
import { repositoryRoutes } from './repository-routes.ts';

import { type SearchAreaOptions, searchArea } from './search-area.ts';
import { searchRoutes } from './search-routes.ts';

export { createRepository } from './creation.ts';
export { removeManifest, removeRepository, removeTag } from './removal.ts';
export { isImmutableTag, tagPatternsOf } from './tag-patterns.ts';

export interface Catalogue extends Disposable {
  readonly apiRoutes: Routes;
  /** `/v1/`, as `docker search` needs it. */
  searchArea(options: SearchAreaOptions): Area;
  readonly pulls: Pulls;
}

/** Dispose of it, and the last seconds' pulls are written. */
export function openCatalogue(rooms: HubRooms, { store }: { readonly store: BlobStore }): Catalogue {
  const pulls = new Pulls(rooms);
  return {
    apiRoutes: { ...repositoryRoutes(rooms, { store }), ...searchRoutes(rooms) },
    searchArea: (options) => searchArea(rooms, options),
    pulls,
    [Symbol.dispose]: () => pulls[Symbol.dispose](),
  };
}
