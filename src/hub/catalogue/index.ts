/**
 * hub/catalogue: repositories as people see them: described, found, shared, starred, looked into, deleted.
 *
 * Nouns: Repository, Tag, ManifestDetail, Grant, star, search.
 *
 *     await using catalogue = openCatalogue(rooms, { store, collect, version });
 *     const allowance = catalogue.pulls.check(actor, repository);      // undefined: no limit
 *     catalogue.pulls.count(repository);
 *
 * Called by the Hub's program, which serves its routes, and by the registry, which counts pulls and makes repositories.
 */
import { auditRoutes } from '../audit/audit-routes.ts';
import type { Area, Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { type AdministrationOptions, administrationRoutes } from '../settings/administration-routes.ts';
import { settingsRoutes } from '../settings/settings-routes.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { planRoutes } from '../usage/plan-routes.ts';
import { Plans } from '../usage/plans.ts';
import { Pulls } from '../usage/pull-meter.ts';
import { overviewRoutes } from './overview-routes.ts';
import { repositoryRoutes } from './repository-routes.ts';
import { type SearchAreaOptions, searchArea } from './search-area.ts';
import { searchRoutes } from './search-routes.ts';
import { SearchTending } from './search-tending.ts';

export { createRepository } from './creation.ts';
export { removeManifest, removeRepository, removeTag } from './removal.ts';

export interface Catalogue extends AsyncDisposable {
  /** Repositories, search, plans and usage, settings, audit, the administrators' overview. */
  readonly apiRoutes: Routes;
  /** `/v1/`, as `docker search` needs it. */
  searchArea(options: SearchAreaOptions): Area;
  readonly pulls: Pulls;
  readonly plans: Plans;
}

export interface CatalogueOptions extends Omit<AdministrationOptions, 'startedAt'> {
  readonly store: BlobStore;
}

/** Dispose of it, and the last seconds' pulls are written. */
export function openCatalogue(rooms: HubRooms, { store, ...options }: CatalogueOptions): Catalogue {
  const pulls = new Pulls(rooms);
  const tending = new SearchTending(rooms.records.search, rooms.log);
  const plans = new Plans(rooms.records.plans, () => pulls.forgetLimits());
  return {
    apiRoutes: {
      ...searchRoutes(rooms),
      ...overviewRoutes,
      ...repositoryRoutes(rooms, { store }),
      ...planRoutes(rooms, { plans, pulls }),
      ...settingsRoutes(rooms),
      ...administrationRoutes(rooms, { ...options, startedAt: rooms.now() }),
      ...auditRoutes(rooms),
    },
    searchArea: (asked) => searchArea(rooms, asked),
    pulls,
    plans,
    [Symbol.asyncDispose]: async () => {
      await tending[Symbol.asyncDispose]();
      await pulls[Symbol.asyncDispose]();
    },
  };
}
