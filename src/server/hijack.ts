import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { type Duplex, type Readable, Transform } from 'node:stream';
import { FrameDecoder } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import type { Attachment, OfferedConnection } from '#engine/index.ts';
import { acceptKey, webSocketStream } from './websocket.ts';

/** A stream that takes a connection over, and how to offer the connection itself where its process may have it. */
export interface Hijack {
  readonly type: string;
  /** A function is called once the head is on its way: what it starts says nothing before the client can hear it. */
  readonly stream: Duplex | (() => Promise<Duplex>);
  readonly offer?: Attachment['offer'];
}

/**
 * Makes the connection the stream: what comes from the client goes to the stream and back, each direction with its own
 * end. A client that asked for an upgrade is answered 101, another 200, as Docker answers them.
 *
 * Resolves when the stream to the client has ended, or the client has gone.
 */
export async function hijack(
  request: IncomingMessage,
  response: ServerResponse,
  { type, stream, offer }: Hijack,
): Promise<void> {
  // For an upgrade whose body came late this is a stream of Node's around the socket, not the socket.
  const connection: Duplex = response.socket ?? request.socket;
  response.detachSocket(connection as Socket);
  if (request.headers.upgrade === undefined) takeFromHttp(request.socket);
  connection.on('error', () => connection.destroy());
  connection.write(head(request, response, type));
  const done = join(connection, typeof stream === 'function' ? await stream() : stream);
  if (request.headers.upgrade !== undefined) offer?.(offered(connection));
  return done;
}

/** Only what is in clear, and has nothing left to be written, can go on in another program. */
const offered = (connection: Duplex): OfferedConnection => ({
  get fd() {
    const { encrypted, _handle: handle } = connection as { encrypted?: boolean; _handle?: { fd?: number } };
    const isFree = connection instanceof Socket && encrypted !== true && connection.writableLength === 0;
    return isFree && handle?.fd !== undefined && handle.fd >= 0 ? handle.fd : undefined;
  },
  taken: () => void connection.destroy(),
});

/** The same inside a web socket. @throws {EngineError} `invalid` for a request that asks for none */
export function hijackWebSocket(
  request: IncomingMessage,
  response: ServerResponse,
  { tty, stream }: { readonly tty: boolean; readonly stream: Duplex },
): Promise<void> {
  const key = request.headers['sec-websocket-key'];
  if (request.headers.upgrade?.toLowerCase() !== 'websocket' || key === undefined) {
    stream.destroy();
    throw invalid('websocket: the client is not using the websocket protocol');
  }
  const connection: Duplex = response.socket ?? request.socket;
  response.detachSocket(connection as Socket);
  connection.write(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      `Sec-WebSocket-Accept: ${acceptKey(key)}\r\n\r\n`,
  );
  const output = tty ? stream : stream.pipe(framesTakenApart());
  return join(webSocketStream(connection), stream, output);
}

function framesTakenApart(): Transform {
  const decoder = new FrameDecoder();
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      for (const { bytes } of decoder.push(chunk)) this.push(bytes);
      done();
    },
  });
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

/**
 * Ends our direction; the other is read to its end, or for a moment, and dropped: closing over bytes that nobody has read
 * would reset the connection under the last of our own.
 */
export function endConnection(connection: Duplex): void {
  connection.once('finish', () => {
    connection.resume();
    setTimeout(() => connection.destroy(), lingerMilliseconds).unref();
  });
  connection.end();
}

/** @param output what the stream says, as the client is to see it */
function join(connection: Duplex, stream: Duplex, output: Readable = stream): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  connection.on('error', () => connection.destroy());
  stream.on('error', () => connection.destroy());
  const gone = () => {
    stream.destroy();
    resolve();
  };
  if (connection.closed) gone();
  else connection.once('close', gone);
  const end = () => {
    connection.unpipe(stream);
    if (!connection.writableEnded && !connection.destroyed) endConnection(connection);
  };
  output.once('end', end).once('close', end);
  connection.pipe(stream);
  output.pipe(connection, { end: false });
  return promise;
}
