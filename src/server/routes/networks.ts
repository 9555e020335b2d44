import { NetworkConnectRequest, NetworkCreateRequest, NetworkDisconnectRequest } from '#api/index.ts';
import { created, empty, json } from '../reply.ts';
import type { Routes } from '../router.ts';

export const networkRoutes: Routes = {
  'GET /networks': async (call) => json(await call.engine.networks.list(call.filters())),
  'POST /networks/create': async (call) =>
    created(await call.engine.networks.create(await call.json(NetworkCreateRequest))),
  'POST /networks/prune': async (call) => json(await call.engine.networks.prune(call.filters())),
  'GET /networks/{id}': async (call) => json(await call.engine.networks.inspect(call.param('id'))),
  'DELETE /networks/{id}': async (call) => {
    await call.engine.networks.remove(call.param('id'));
    return empty();
  },
  'POST /networks/{id}/connect': async (call) => {
    await call.engine.containers.networks.connect(call.param('id'), await call.json(NetworkConnectRequest));
    return empty(200);
  },
  'POST /networks/{id}/disconnect': async (call) => {
    await call.engine.containers.networks.disconnect(
      call.param('id'),
      await call.json(NetworkDisconnectRequest),
    );
    return empty(200);
  },
};
