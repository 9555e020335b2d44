import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** A server that can be ended whatever its connections became: Node forgets those that were hijacked. */
export interface Ending {
  /** No new connection is taken; those that are there go on. */
  stopListening(): void;
  /** Cuts what is left. Resolves when nothing is. */
  cut(): Promise<void>;
}

export function endingOf(server: Server): Ending {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  let closed: Promise<unknown> | undefined;
  const stopListening = () => {
    closed ??= new Promise((resolve) => server.close(resolve));
  };
  return {
    stopListening,
    cut: async () => {
      stopListening();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
