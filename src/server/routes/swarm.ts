import { unavailable } from '#base/errors.ts';
import type { Handler, Routes } from '../router.ts';

const notManager: Handler = () => {
  throw unavailable(
    'This node is not a swarm manager. Use "docker swarm init" or "docker swarm join" to connect this node to swarm and try again.',
  );
};

/** Swarm is not among this engine's features: it answers as a node that is in none. */
const noSwarm: Handler = () => {
  throw unavailable('Swarm mode is not available: this engine cannot make or join a swarm');
};

const objects = ['services', 'secrets', 'configs'];

export const swarmRoutes: Routes = {
  'POST /swarm/init': noSwarm,
  'POST /swarm/join': noSwarm,
  'POST /swarm/leave': () => {
    throw unavailable('This node is not part of a swarm');
  },
  'GET /swarm': notManager,
  'POST /swarm/update': notManager,
  'GET /swarm/unlockkey': notManager,
  'POST /swarm/unlock': notManager,
  'GET /nodes': notManager,
  'GET /nodes/{id}': notManager,
  'DELETE /nodes/{id}': notManager,
  'POST /nodes/{id}/update': notManager,
  'GET /tasks': notManager,
  'GET /tasks/{id}': notManager,
  'GET /tasks/{id}/logs': notManager,
  'GET /services/{id}/logs': notManager,
  ...Object.fromEntries(
    objects.flatMap((name) => [
      [`GET /${name}`, notManager],
      [`POST /${name}/create`, notManager],
      [`GET /${name}/{id}`, notManager],
      [`DELETE /${name}/{id}`, notManager],
      [`POST /${name}/{id}/update`, notManager],
    ]),
  ),
};
