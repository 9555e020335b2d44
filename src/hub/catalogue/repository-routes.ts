import { conflict, type EngineError, forbidden, invalid, notFound, unauthorized } from '#base/errors.ts';
import type { Granted } from '../access/access.ts';
import { type Person, reaches } from '../access/actor.ts';
import type { Level } from '../api/accounts.ts';
import { LevelChange, NewRepository, RepositoryChange } from '../api/repositories.ts';
import { type Call, created, empty, json, type Reply, type Routes } from '../http/index.ts';
import type { Grantee, Removal, RepositorySort } from '../records/index.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import { changeRepository, levelForChange } from './change.ts';
import { createRepository } from './creation.ts';
import { findRepository } from './finding.ts';
import { removeGrant, setGrant } from './grants.ts';
import { manifestDetail } from './manifest-detail.ts';
import { removeManifest, removeRepository, removeTag } from './removal.ts';
import { listRepositories, pullDays, repositoryDetail } from './repositories.ts';
import { listTags } from './tags.ts';

const at = '/api/repositories/{name*}';

/** `/api/repositories…`. What belongs to a repository stands before the repository itself, whose name takes any path. */
export function repositoryRoutes(rooms: HubRooms, { store }: { readonly store: BlobStore }): Routes {
  const { records, access } = rooms;
  const find = (call: Call, level: Level = 'read'): Promise<Granted> =>
    findRepository(access, call.actor, { name: call.param('name'), level });
  const detail = async (call: Call, name: string) => {
    const found = await findRepository(access, call.actor, { name, level: 'read' });
    return repositoryDetail(rooms, call.actor, found);
  };

  return {
    'GET /api/repositories': async (call) => json(await listRepositories(rooms, call.actor, listQuery(call))),
    'POST /api/repositories': async (call) => {
      const { name = '', visibility, description } = await call.json(NewRepository);
      await createRepository(rooms, call.actor, { fullName: name, visibility, description });
      return created(await detail(call, name));
    },

    [`PUT ${at}/-/star`]: async (call) => star(rooms, await find(call), { call, isStarred: true }),
    [`DELETE ${at}/-/star`]: async (call) => star(rooms, await find(call), { call, isStarred: false }),
    [`GET ${at}/-/pulls`]: async (call) => json(await pullDays(rooms, (await find(call)).repository)),

    [`GET ${at}/-/tags`]: async (call) => {
      const query = call.query.get('q') ?? '';
      return json(await listTags(rooms, (await find(call)).repository, { query, ...call.page() }));
    },
    [`DELETE ${at}/-/tags/{tag}`]: async (call) => {
      const { repository } = await find(call, 'admin');
      const tag = call.param('tag');
      checkRemoved(await removeTag(rooms, call.actor, repository, tag), notFound('tag', tag));
      return empty();
    },
    [`GET ${at}/-/manifests/{reference}`]: async (call) =>
      json(await manifestDetail({ records, store }, (await find(call)).repository, call.param('reference'))),
    [`DELETE ${at}/-/manifests/{digest}`]: async (call) => {
      const { repository } = await find(call, 'admin');
      const digest = call.param('digest');
      const removal = await removeManifest(rooms, call.actor, repository, digest);
      checkRemoved(removal, notFound('manifest', digest));
      return empty();
    },

    [`GET ${at}/-/grants`]: async (call) =>
      json(await records.grants.list((await find(call, 'admin')).repository)),
    [`PUT ${at}/-/grants/{kind}/{grantee}`]: async (call) => {
      const { repository } = await find(call, 'admin');
      const { level } = await call.json(LevelChange);
      await setGrant(rooms, call.actor, { repository, grantee: granteeOf(call), level });
      return empty();
    },
    [`DELETE ${at}/-/grants/{kind}/{grantee}`]: async (call) => {
      const { repository } = await find(call, 'admin');
      await removeGrant(rooms, call.actor, { repository, grantee: granteeOf(call) });
      return empty();
    },

    [`GET ${at}`]: async (call) => json(await repositoryDetail(rooms, call.actor, await find(call))),
    [`PATCH ${at}`]: async (call) => {
      const change = await call.json(RepositoryChange);
      const { repository } = await find(call, levelForChange(change));
      await changeRepository(rooms, call.actor, { repository, change });
      return json(await detail(call, repository.fullName));
    },
    [`DELETE ${at}`]: async (call) => {
      await removeRepository(rooms, call.actor, (await find(call, 'admin')).repository);
      return empty();
    },
  };
}

const sorts: readonly string[] = ['name', 'updated', 'pulls'] satisfies readonly RepositorySort[];

function listQuery(call: Call) {
  const sort = call.query.get('sort') || 'name';
  if (!sorts.includes(sort)) throw invalid(`sort must be one of ${sorts.join(', ')}`);
  const starred = call.query.get('starred') ?? '';
  return {
    owner: call.query.get('owner') || undefined,
    isStarred: starred !== '' && starred !== 'false' && starred !== '0',
    sort: sort as RepositorySort,
    ...call.page(),
  };
}

async function star(
  { records }: HubRooms,
  { repository }: Granted,
  { call, isStarred }: { readonly call: Call; readonly isStarred: boolean },
): Promise<Reply> {
  await records.stars.set(repository, personOf(call).id, isStarred);
  return empty();
}

/** @throws {EngineError} `missing`; `conflict` saying why it is kept */
function checkRemoved(removal: Removal, missing: EngineError): void {
  if (removal.kind === 'missing') throw missing;
  if (removal.kind === 'removed') return;
  if (removal.index !== undefined)
    throw conflict(`The manifest is part of ${removal.index}, which is to go first`);
  throw conflict(`The tag ${removal.immutableTag} is immutable`);
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
