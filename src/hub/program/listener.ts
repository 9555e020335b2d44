import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { nodeHttp, nodeHttps } from '#base/node-http.ts';

export interface TlsPair {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

export interface Patience {
  /** For the whole of a request's head. */
  readonly headMs: number;
  /** Between two pieces of a body, either way. A transfer as a whole may take as long as it does. */
  readonly stallMs: number;
  /** For a further request on a connection. */
  readonly idleMs: number;
}

const standard: Patience = { headMs: 15_000, stallMs: 60_000, idleMs: 75_000 };

const limits = { maxHeaderSize: 16 << 10, keepAlive: true, noDelay: true } as const;

/**
 * A server that slow clients cannot hold: heads are bounded in size and time, and a connection on which a body, or its reply,
 * does not move is cut. What the Hub itself takes long over is waited for.
 */
export function createServer(
  listener: RequestListener,
  { tls, patience = standard }: { readonly tls?: TlsPair | undefined; readonly patience?: Patience },
): Server {
  const options = {
    ...limits,
    headersTimeout: patience.headMs,
    // for the whole of a request: an upload takes as long as it does
    requestTimeout: 0,
    keepAliveTimeout: patience.idleMs,
    connectionsCheckingInterval: Math.min(5_000, patience.headMs),
  };
  const served: RequestListener = (request, response) => {
    request.socket.setTimeout(patience.stallMs);
    current.set(request.socket, { request, response });
    listener(request, response);
  };
  const server =
    tls === undefined
      ? nodeHttp().createServer(options, served)
      : nodeHttps().createServer(
          { ...options, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: patience.headMs },
          served,
        );
  // a client that asks first is told to go on where its body is read (`Call`): what is refused before costs it nothing
  server.on('checkContinue', served);
  server.maxHeadersCount = 100;
  // a connection that never sends a byte has no head to wait for
  server.timeout = patience.headMs;
  server.on('timeout', (socket: Socket) => cutIfStalled(socket));
  return server;
}

const current = new WeakMap<
  Socket,
  { readonly request: IncomingMessage; readonly response: ServerResponse }
>();

function cutIfStalled(socket: Socket): void {
  const exchange = current.get(socket);
  if (exchange === undefined || exchange.response.writableFinished) {
    socket.destroy();
    return;
  }
  const { request, response } = exchange;
  // not the client's turn: the Hub is at work on what it has
  if (request.complete && response.writableLength === 0 && socket.writableLength === 0) return;
  socket.destroy();
}
