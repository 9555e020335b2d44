import { conflict, invalid } from '#base/errors.ts';
import type { Container } from './container.ts';
import type { Rooms } from './rooms.ts';
import { type Peers, peerOf } from './spec/namespaces.ts';

/**
 * The processes whose namespaces a container joins.
 *
 * @throws {EngineError} `notFound`, `conflict` when the other does not run, `invalid` when its IPC is its own
 */
export function peersOf({ record: { hostConfig } }: Container, { store }: Pick<Rooms, 'store'>): Peers {
  const running = (mode: string | undefined, what: string) => {
    const reference = peerOf(mode);
    if (reference === undefined) return undefined;
    const peer = store.get(reference);
    if (peer.task === undefined) throw conflict(`cannot join ${what} of a non running container: ${peer.id}`);
    return { peer, pid: peer.task.pid };
  };
  const network = running(hostConfig.NetworkMode, 'network');
  const process = running(hostConfig.PidMode, 'PID');
  const ipc = running(hostConfig.IpcMode, 'IPC');
  if (ipc !== undefined) checkShareable(ipc.peer);
  return {
    ...(network === undefined ? {} : { network: network.pid }),
    ...(process === undefined ? {} : { pid: process.pid }),
    ...(ipc === undefined ? {} : { ipc: ipc.pid }),
  };
}

function checkShareable({ id, record: { hostConfig } }: Container): void {
  const mode = hostConfig.IpcMode ?? '';
  if (mode === 'private' || mode === 'none')
    throw invalid(`container ${id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`);
}
