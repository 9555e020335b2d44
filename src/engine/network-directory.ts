import { unsupported } from '#base/errors.ts';
import type { NetworkDirectory } from './engine.ts';
import type { Rooms } from './rooms.ts';

/** What people see and change of networks. */
export function networkDirectory(_rooms: Pick<Rooms, 'networks'>): NetworkDirectory {
  const unbuilt = (verb: string) => async () => {
    throw unsupported(`${verb} is not implemented by this engine`);
  };
  return {
    list: unbuilt('GET /networks'),
    inspect: unbuilt('GET /networks/{id}'),
    create: unbuilt('POST /networks/create'),
    remove: unbuilt('DELETE /networks/{id}'),
    connect: unbuilt('POST /networks/{id}/connect'),
    disconnect: unbuilt('POST /networks/{id}/disconnect'),
    prune: unbuilt('POST /networks/prune'),
  };
}
