import { ContainerCreateRequest, ContainerUpdateRequest } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { Call } from '../call.ts';
import { created, empty, json, type Reply } from '../reply.ts';
import type { Routes } from '../router.ts';
import { createRequestFrom, inspectFor } from '../versions.ts';

export const containerRoutes: Routes = {
  'GET /containers/json': list,
  'POST /containers/create': create,
  'POST /containers/prune': async (call) => json(await call.engine.containers.life.prune(call.filters())),
  'GET /containers/{id}/json': inspect,
  'GET /containers/{id}/top': async (call) =>
    json(await call.engine.containers.views.top(call.param('id'), call.text('ps_args'))),
  'GET /containers/{id}/changes': async (call) =>
    json(await call.engine.containers.views.changes(call.param('id'))),
  'POST /containers/{id}/start': start,
  'POST /containers/{id}/stop': stop,
  'POST /containers/{id}/restart': async (call) => {
    await call.engine.containers.life.restart(call.param('id'), stopOptions(call));
    return empty();
  },
  'POST /containers/{id}/kill': async (call) => {
    await call.engine.containers.life.kill(call.param('id'), call.text('signal'));
    return empty();
  },
  'POST /containers/{id}/pause': async (call) => {
    await call.engine.containers.life.pause(call.param('id'));
    return empty();
  },
  'POST /containers/{id}/unpause': async (call) => {
    await call.engine.containers.life.unpause(call.param('id'));
    return empty();
  },
  'POST /containers/{id}/rename': async (call) => {
    await call.engine.containers.life.rename(call.param('id'), call.query.get('name') ?? '');
    return empty();
  },
  'POST /containers/{id}/update': async (call) => {
    const change = await call.json(ContainerUpdateRequest);
    return json(await call.engine.containers.life.update(call.param('id'), change));
  },
  'POST /containers/{id}/wait': wait,
  'DELETE /containers/{id}': remove,
};

/** The list is JSON text already: see `ContainerViews.listJson`. */
async function list(call: Call): Promise<Reply> {
  const limit = call.integer('limit');
  return json(
    await call.engine.containers.views.listJson({
      all: call.flag('all'),
      size: call.flag('size'),
      filters: call.filters(),
      ...(limit !== undefined && limit > 0 && { limit }),
    }),
  );
}

async function create(call: Call): Promise<Reply> {
  const config = createRequestFrom(await call.json(ContainerCreateRequest), call.version);
  const name = call.text('name');
  const platform = call.text('platform');
  return created(
    await call.engine.containers.life.create({
      config,
      ...(name && { name }),
      ...(platform && { platform }),
    }),
  );
}

async function inspect(call: Call): Promise<Reply> {
  const details = await call.engine.containers.views.inspect(call.param('id'), { size: call.flag('size') });
  return json(inspectFor(details, call.version));
}

async function start(call: Call): Promise<Reply> {
  const outcome = await call.engine.containers.life.start(call.param('id'));
  return empty(outcome === 'started' ? 204 : 304);
}

async function stop(call: Call): Promise<Reply> {
  const outcome = await call.engine.containers.life.stop(call.param('id'), stopOptions(call));
  return empty(outcome === 'stopped' ? 204 : 304);
}

function stopOptions(call: Call): { readonly timeoutSeconds?: number; readonly signal?: string } {
  const timeoutSeconds = call.integer('t');
  const signal = call.version >= 42 ? call.text('signal') : undefined;
  return { ...(timeoutSeconds !== undefined && { timeoutSeconds }), ...(signal && { signal }) };
}

/** The head goes out at once: a client that waits for it knows that no exit from here on is missed. */
function wait(call: Call): Reply {
  const condition = call.version < 30 ? undefined : call.text('condition');
  const { life } = call.engine.containers;
  return { kind: 'later', body: life.wait(call.param('id'), condition, call.signal) };
}

async function remove(call: Call): Promise<Reply> {
  if (call.flag('link')) throw invalid('legacy links between containers are not supported');
  await call.engine.containers.life.remove(call.param('id'), {
    force: call.flag('force'),
    volumes: call.flag('v'),
  });
  return empty();
}
