import { invalid } from '#base/errors.ts';
import type { Call } from '../call.ts';
import { empty, json, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { registryFailure } from '../status.ts';
import { imageInspectFor, imageSummaryFor, imageVersionOf } from '../versions.ts';

export const imageRoutes: Routes = {
  'GET /images/json': list,
  'GET /images/search': search,
  'POST /images/prune': prune,
  'GET /images/{name*}/json': (call) =>
    json(
      imageInspectFor(
        call.engine.images.inspect(call.param('name')),
        imageVersionOf(call.version, call.headers['user-agent']),
      ),
    ),
  'GET /images/{name*}/history': (call) => json(call.engine.images.history(call.param('name'))),
  'POST /images/{name*}/tag': (call) => {
    call.engine.images.tag(call.param('name'), call.query.get('repo') ?? '', call.text('tag'));
    return empty(201);
  },
  'DELETE /images/{name*}': async (call) =>
    json(
      await call.engine.images.remove(call.param('name'), {
        force: call.flag('force'),
        noPrune: call.flag('noprune'),
      }),
    ),
};

function list(call: Call): Reply {
  const rows = call.engine.images.list({
    all: call.flag('all'),
    filters: call.filters(),
    sharedSize: call.flag('shared-size'),
  });
  return json(rows.map((row) => imageSummaryFor(row, call.version)));
}

async function search(call: Call): Promise<Reply> {
  const text = call.text('limit');
  if (text !== undefined && !/^\+?\d{1,9}$/.test(text))
    throw invalid(`invalid limit specified: ${JSON.stringify(text)}`);
  const credentials = call.credentials();
  const found = call.engine.images.search({
    term: call.query.get('term') ?? '',
    ...(text !== undefined && Number(text) > 0 && { limit: Number(text) }),
    filters: call.filters(),
    signal: call.signal,
    ...(credentials && { credentials }),
  });
  return json(await found.catch((error: unknown) => Promise.reject(registryFailure(error))));
}

async function prune(call: Call): Promise<Reply> {
  const { deleted, spaceReclaimed } = await call.engine.images.prune(call.filters());
  return json({ ImagesDeleted: deleted.length === 0 ? null : deleted, SpaceReclaimed: spaceReclaimed });
}
