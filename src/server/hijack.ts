import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/**
 * Makes the connection the stream: what comes from the client goes to the stream and back, each direction with its own
 * end. A client that asked for an upgrade is answered 101, another 200, as Docker answers them.
 *
 * Resolves when the stream to the client has ended, or the client has gone.
 */
export function hijack(
  request: IncomingMessage,
  response: ServerResponse,
  type: string,
  stream: Duplex,
): Promise<void> {
  const { socket } = request;
  response.detachSocket(socket);
  takeFromHttp(socket);
  socket.write(head(request, response, type));
  return join(socket, stream);
}

/** Node's parser and time-outs leave the socket; bytes that came after the request are still to be read from it. */
function takeFromHttp(socket: Socket): void {
  for (const event of ['data', 'end', 'close', 'drain', 'error', 'timeout', 'readable'])
    socket.removeAllListeners(event);
  socket.setTimeout(0);
}

function head(request: IncomingMessage, response: ServerResponse, type: string): string {
  const upgrade = request.headers.upgrade;
  const own = Object.entries(response.getHeaders()).map(([name, value]) => `${name}: ${value}\r\n`);
  const first =
    upgrade === undefined
      ? 'HTTP/1.1 200 OK\r\n'
      : `HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: ${upgrade.split(',')[0]!.trim()}\r\n`;
  return `${first}Content-Type: ${type}\r\n${own.join('')}\r\n`;
}

/** How long a client may take to close its direction once it has all output. */
const lingerMilliseconds = 1000;

function join(socket: Socket, stream: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on('error', () => socket.destroy());
  stream.on('error', () => socket.destroy());
  socket.once('close', () => {
    stream.destroy();
    resolve();
  });
  stream.once('close', () => socket.end());
  // Input that nobody will read is taken and dropped: closing over it would reset the connection under the last output.
  socket.once('finish', () => {
    socket.unpipe(stream).resume();
    setTimeout(() => socket.destroy(), lingerMilliseconds).unref();
  });
  socket.pipe(stream);
  stream.pipe(socket);
  return promise;
}
