import type { ServerOptions as HttpOptions, IncomingMessage, Server, ServerResponse } from 'node:http';
import type { ServerOptions as HttpsOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { apiVersion, minorVersion, newestMinor } from '#api/index.ts';
import { EngineError, messageOf } from '#base/errors.ts';
import { nodeHttp, nodeHttps } from '#base/node-http.ts';
import { type Found, Router } from '#base/router.ts';
import type { Engine } from '#engine/index.ts';
import { Call } from './call.ts';
import { endConnection } from './hijack.ts';
import { empty } from './reply.ts';
import type { Handler } from './router.ts';
import { routeTables } from './routes/index.ts';
import { send, sendError } from './send.ts';
import { errorStatus } from './status.ts';

/** Certificates in PEM. With `authority` only clients that it vouches for get in. */
export interface TlsFiles {
  readonly certificate: Buffer;
  readonly key: Buffer;
  readonly authority?: Buffer;
}

export interface ServerOptions {
  readonly tls?: TlsFiles;
}

/** A server of the engine's API that does not listen yet. */
export function createHttpServer(engine: Engine, options: ServerOptions = {}): Server {
  const server =
    options.tls === undefined
      ? nodeHttp().createServer(limits)
      : nodeHttps().createServer(secured(options.tls));
  const serve = serveWith(engine, new Router(...routeTables));
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void serve(request, response));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, early: Buffer) => {
    if (early.length > 0) socket.unshift(early);
    socket.on('error', () => socket.destroy());
    void serve(request, responseOn(request, socket));
  });
  server.keepAliveTimeout = 0;
  return server;
}

/** Uploads may take hours, and a client may keep an idle connection as long as it likes. */
const limits: HttpOptions = {
  requestTimeout: 0,
  keepAliveTimeout: 0,
  maxHeaderSize: 1 << 20,
  requireHostHeader: false,
};

const secured = (tls: TlsFiles): HttpsOptions => ({
  ...limits,
  cert: tls.certificate,
  key: tls.key,
  minVersion: 'TLSv1.2',
  allowHalfOpen: true,
  ...(tls.authority && { ca: tls.authority, requestCert: true, rejectUnauthorized: true }),
});

/** A response for a request that asked for another protocol: it may well get none. */
function responseOn(request: IncomingMessage, socket: Duplex): ServerResponse {
  const response = new (nodeHttp().ServerResponse)(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket as Socket);
  response.once('finish', () => {
    if (response.socket === socket) endConnection(socket);
  });
  return response;
}

type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function serveWith(engine: Engine, router: Router<Handler>): Serve {
  const ours = Object.entries({
    'Api-Version': apiVersion,
    'Docker-Experimental': 'false',
    Ostype: 'linux',
    Server: `Hoist/${engine.version().Version} (linux)`,
  });
  return async (request, response) => {
    for (const [name, value] of ours) response.setHeader(name, value);
    try {
      engine.log.debug('request', { method: request.method, url: request.url });
      await answer(engine, router, request, response);
    } catch (error) {
      if (errorStatus(error) === 500 && !response.destroyed) logFailure(engine, request, error);
      sendError(response, error);
    }
  };
}

async function answer(
  engine: Engine,
  router: Router<Handler>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { path, version } = target(request.url ?? '/');
  if (request.method === 'OPTIONS') return send(request, response, empty(200));
  const found = router.find(request.method ?? 'GET', path);
  if (found === undefined) throw new EngineError('notFound', 'page not found');
  const call = callOf(engine, found, version, request, response);
  await send(request, response, await found.handler(call));
}

const callOf = (
  engine: Engine,
  found: Found<Handler>,
  version: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Call =>
  new Call({
    engine,
    params: found.params,
    version: version === undefined ? newestMinor : minorVersion(version),
    request,
    response,
  });

/** `/v1.41/info?x` → `/info` and `1.41`. */
function target(url: string): { readonly path: string; readonly version: string | undefined } {
  const end = url.indexOf('?');
  const path = end < 0 ? url : url.slice(0, end);
  const match = /^\/v(\d[\d.]*)(\/.*)$/.exec(path);
  return match === null ? { path, version: undefined } : { path: match[2]!, version: match[1]! };
}

function logFailure(engine: Engine, request: IncomingMessage, error: unknown): void {
  engine.log.error('request failed', {
    method: request.method,
    url: request.url,
    error: messageOf(error),
    // what no room meant to throw is a defect: where it comes from matters
    ...(error instanceof Error && !(error instanceof EngineError) && { stack: error.stack }),
  });
}
