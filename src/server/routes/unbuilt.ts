import { EngineError, unsupported } from '#base/errors.ts';
import { json } from '../reply.ts';
import type { Handler, Routes } from '../router.ts';

/** Endpoints of the API that this engine does not have: said so, never 404 and never a false success. */
const endpoints = [
  'POST /session',
  'GET /distribution/{name*}/json',
  'GET /plugins/privileges',
  'POST /plugins/pull',
  'POST /plugins/create',
  'POST /plugins/{name*}/enable',
  'POST /plugins/{name*}/disable',
  'POST /plugins/{name*}/upgrade',
  'POST /plugins/{name*}/push',
  'POST /plugins/{name*}/set',
  'DELETE /plugins/{name*}',
] as const;

const unbuilt =
  (endpoint: string): Handler =>
  () => {
    throw unsupported(`${endpoint} is not implemented by this engine`);
  };

export const unbuiltRoutes: Routes = {
  // there are no plugins, so these can be answered in full
  'GET /plugins': () => json([]),
  'GET /plugins/{name*}/json': (call) => {
    throw new EngineError('notFound', `plugin "${call.param('name')}" not found`);
  },
  ...Object.fromEntries(endpoints.map((endpoint) => [endpoint, unbuilt(endpoint)])),
};
