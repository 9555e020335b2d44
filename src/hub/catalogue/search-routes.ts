import { json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { searchRepositories } from './search.ts';

export const searchRoutes = (rooms: Pick<HubRooms, 'records'>): Routes => ({
  'GET /api/search': async (call) => {
    const text = call.query.get('q') ?? '';
    return json(await searchRepositories(rooms, call.actor, { text, ...call.page() }));
  },
});
