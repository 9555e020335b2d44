import { json, type Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { searchRepositories } from './search.ts';

export const searchRoutes = ({ database }: HubRooms): Routes => ({
  'GET /api/search': (call) => {
    const text = call.query.get('q') ?? '';
    return json(searchRepositories(database, call.actor, { text, ...call.page() }));
  },
});
