import { once } from 'node:events';
import { chmodSync, chownSync, closeSync, openSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { messageOf } from '#base/errors.ts';
import type { SpecMount } from '../rooms.ts';
import type { StepMount } from '../run-step.ts';
import { type MountContext, type MountOf, placeOf } from './step-mounts.ts';

/** Sockets in the step, behind each of which is an agent of the client's. */
export async function acquireAgents(
  agents: readonly MountOf<'ssh'>[],
  context: MountContext,
): Promise<{
  readonly mounts: readonly (readonly [StepMount, SpecMount])[];
  readonly env: readonly string[];
}> {
  const mounts: [StepMount, SpecMount][] = [];
  for (const [index, mount] of agents.entries()) {
    if (mount.connect === undefined) continue;
    const source = await listen(mount, { ...context, connect: mount.connect, name: `ssh${index}` });
    const destination = placeOf(mount.target ?? `/run/buildkit/ssh_agent.${index}`);
    mounts.push([mount, { destination, source, writable: true }]);
  }
  const [first] = mounts;
  return { mounts, env: first === undefined ? [] : [`SSH_AUTH_SOCK=${first[1].destination}`] };
}

type Connect = () => Promise<Duplex>;

async function listen(
  { mode, uid, gid }: MountOf<'ssh'>,
  context: MountContext & { readonly connect: Connect; readonly name: string },
): Promise<string> {
  const { folder, name, undo } = context;
  const server = createServer({ allowHalfOpen: true });
  const open = new Set<Duplex>();
  // By the folder's descriptor: a socket's own path may be longer than the kernel takes.
  const directory = openSync(folder, 'r');
  undo.defer(async () => {
    for (const one of open) one.destroy();
    await closed(server);
    closeSync(directory);
  });
  server.on('connection', (socket) => {
    void serve(socket, context, open);
  });
  server.listen(`/proc/self/fd/${directory}/${name}`);
  await once(server, 'listening');
  const path = join(folder, name);
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  return path;
}

const closed = (server: Server) => new Promise<void>((resolve) => void server.close(() => resolve()));

/** Joins a connection from inside with one to the agent. */
async function serve(
  socket: Socket,
  { connect, rooms, request }: MountContext & { readonly connect: Connect },
  open: Set<Duplex>,
): Promise<void> {
  open.add(socket);
  try {
    const agent = await connect();
    open.add(agent);
    if (socket.destroyed) agent.destroy();
    await Promise.all([pipeline(socket, agent), pipeline(agent, socket)]).finally(() => {
      agent.destroy();
      open.delete(agent);
    });
  } catch (error) {
    rooms.log.debug('a connection to an agent ended', { step: request.id, error: messageOf(error) });
  } finally {
    socket.destroy();
    open.delete(socket);
  }
}
