/**
 * hub/http: requests in, replies out, by areas (`/v2/`, `/token`, `/api/`, the page).
 *
 * Nouns: Area, Call, Reply, Routes.
 *
 *     const routes: Routes = { 'GET /api/plans': () => json(plans.list()) };
 */
export type { Area, Handler, Routes } from './area.ts';
export { Call } from './call.ts';
export { created, empty, type FileRange, type Headers, json, type Reply, text } from './reply.ts';
export { serveAreas } from './server.ts';
