import { conflict, forbidden, invalid, notFound, unauthorized } from '#base/errors.ts';
import type { Granted } from '../access/access.ts';
import { type Person, reaches } from '../access/actor.ts';
import type { Level } from '../api/accounts.ts';
import { LevelChange, NewRepository, OverviewText, RepositoryChange } from '../api/repositories.ts';
import { type Call, created, empty, json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { changeRepository, levelForChange } from './change.ts';
import { createRepository } from './creation.ts';
import { findRepository } from './finding.ts';
import { type Grantee, listGrants, removeGrant, setGrant } from './grants.ts';
import { manifestDetail } from './manifest-detail.ts';
import { checkOverview, renderOverview } from './overview.ts';
import { reasonToKeep, removeManifest, removeRepository, removeTag } from './removal.ts';
import { listRepositories, pullDays, repositoryDetail, type Sort } from './repositories.ts';
import { setStar } from './stars.ts';
import { isImmutableTag, tagPatternsOf } from './tag-patterns.ts';
import { listTags } from './tags.ts';

const at = '/api/repositories/{name*}';

/** `/api/repositories…`. What belongs to a repository stands before the repository itself, whose name takes any path. */
export function repositoryRoutes(rooms: HubRooms, { store }: { readonly store: BlobStore }): Routes {
  const { database, access } = rooms;
  const find = (call: Call, level: Level = 'read'): Promise<Granted> =>
    findRepository(access, call.actor, { name: call.param('name'), level });
  const detail = async (call: Call, name: string) => {
    const found = await findRepository(access, call.actor, { name, level: 'read' });
    return repositoryDetail(database, call.actor, found);
  };

  return {
    'GET /api/repositories': (call) => json(listRepositories(database, call.actor, listQuery(call))),
    'POST /api/repositories': async (call) => {
      const { name = '', visibility, description } = await call.json(NewRepository);
      await createRepository(rooms, call.actor, { fullName: name, visibility, description });
      return created(await detail(call, name));
    },

    'POST /api/overview': async (call) => {
      if (call.actor.kind === 'stranger') throw unauthorized('Sign in to do that');
      const { overview = '' } = await call.json(OverviewText);
      return json({ html: renderOverview(checkOverview(overview)) });
    },

    [`PUT ${at}/-/star`]: async (call) => star(rooms, await find(call), { call, isStarred: true }),
    [`DELETE ${at}/-/star`]: async (call) => star(rooms, await find(call), { call, isStarred: false }),
    [`GET ${at}/-/pulls`]: async (call) =>
      json(pullDays(database, (await find(call)).repository.id, rooms.now())),

    [`GET ${at}/-/tags`]: async (call) => {
      const query = call.query.get('q') ?? '';
      return json(listTags(database, (await find(call)).repository, { query, ...call.page() }));
    },
    [`DELETE ${at}/-/tags/{tag}`]: async (call) => {
      const { repository } = await find(call, 'admin');
      const tag = call.param('tag');
      if (isImmutableTag(tagPatternsOf(repository), tag)) throw conflict(`The tag ${tag} is immutable`);
      if (!(await removeTag(rooms, call.actor, repository, tag))) throw notFound('tag', tag);
      return empty();
    },
    [`GET ${at}/-/manifests/{reference}`]: async (call) =>
      json(await manifestDetail({ database, store }, (await find(call)).repository, call.param('reference'))),
    [`DELETE ${at}/-/manifests/{digest}`]: async (call) => {
      const { repository } = await find(call, 'admin');
      const digest = call.param('digest');
      const reason = reasonToKeep(rooms, repository, digest);
      if (reason !== undefined) throw conflict(reason);
      if (!(await removeManifest(rooms, call.actor, repository, digest))) throw notFound('manifest', digest);
      return empty();
    },

    [`GET ${at}/-/grants`]: async (call) =>
      json(listGrants(database, (await find(call, 'admin')).repository)),
    [`PUT ${at}/-/grants/{kind}/{grantee}`]: async (call) => {
      const { repository } = await find(call, 'admin');
      const { level } = await call.json(LevelChange);
      setGrant(rooms, call.actor, { repository, grantee: granteeOf(call), level });
      return empty();
    },
    [`DELETE ${at}/-/grants/{kind}/{grantee}`]: async (call) => {
      const { repository } = await find(call, 'admin');
      removeGrant(rooms, call.actor, { repository, grantee: granteeOf(call) });
      return empty();
    },

    [`GET ${at}`]: async (call) => json(repositoryDetail(database, call.actor, await find(call))),
    [`PATCH ${at}`]: async (call) => {
      const change = await call.json(RepositoryChange);
      const { repository } = await find(call, levelForChange(change));
      changeRepository(rooms, call.actor, { repository, change });
      return json(await detail(call, repository.fullName));
    },
    [`DELETE ${at}`]: async (call) => {
      await removeRepository(rooms, call.actor, (await find(call, 'admin')).repository);
      return empty();
    },
  };
}

const sorts: readonly string[] = ['name', 'updated', 'pulls'] satisfies readonly Sort[];

function listQuery(call: Call) {
  const sort = call.query.get('sort') || 'name';
  if (!sorts.includes(sort)) throw invalid(`sort must be one of ${sorts.join(', ')}`);
  const starred = call.query.get('starred') ?? '';
  return {
    owner: call.query.get('owner') || undefined,
    isStarred: starred !== '' && starred !== 'false' && starred !== '0',
    sort: sort as Sort,
    ...call.page(),
  };
}

function star(
  rooms: HubRooms,
  { repository }: Granted,
  { call, isStarred }: { readonly call: Call; readonly isStarred: boolean },
) {
  setStar(rooms, personOf(call), { repository, isStarred });
  return empty();
}

/** Who may change what is theirs: a token that only reads may not. */
function personOf({ actor }: Call): Person {
  if (actor.kind === 'stranger') throw unauthorized('Sign in to star repositories');
  if (!reaches(actor.ceiling, 'write')) throw forbidden('The access token only reads');
  return actor;
}

function granteeOf(call: Call): Grantee {
  const kinds: Readonly<Record<string, Grantee['kind']>> = { teams: 'team', users: 'user' };
  const kind = Object.hasOwn(kinds, call.param('kind')) ? kinds[call.param('kind')] : undefined;
  if (kind === undefined) throw notFound('page', call.path);
  return { kind, name: call.param('grantee') };
}
