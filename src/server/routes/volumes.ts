import { VolumeCreateOptions } from '#api/index.ts';
import type { Call } from '../call.ts';
import { created, empty, json, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';

export const volumeRoutes: Routes = {
  'GET /volumes': (call) => json(call.engine.volumes.list(call.filters())),
  'POST /volumes/create': async (call) =>
    created(await call.engine.volumes.create((await call.optionalJson(VolumeCreateOptions)) ?? {})),
  'POST /volumes/prune': prune,
  'GET /volumes/{name}': (call) => json(call.engine.volumes.get(call.param('name'))),
  'DELETE /volumes/{name}': async (call) => {
    await call.engine.volumes.remove(call.param('name'), { force: call.flag('force') });
    return empty();
  },
};

/** Until API 1.42 named volumes were pruned too, unasked. */
async function prune(call: Call): Promise<Reply> {
  const filters = call.filters();
  return json(await call.engine.volumes.prune(call.version < 42 ? { ...filters, all: ['true'] } : filters));
}
