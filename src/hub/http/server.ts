import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { EngineError, messageOf } from '#base/errors.ts';
import type { Log } from '#base/log.ts';
import { Router } from '#base/router.ts';
import type { Area, Handler } from './area.ts';
import { Call } from './call.ts';
import { json, type Reply } from './reply.ts';
import { send } from './send.ts';

interface Served extends Area {
  readonly router: Router<Handler>;
}

/**
 * Serves areas, the first whose prefix fits. Nothing that a client sends makes it throw, and what goes wrong inside is logged
 * and told as an internal error.
 *
 * @param options.addressOf the client's address, by the connection or by what a proxy that is trusted says
 */
export function serveAreas(
  areas: readonly Area[],
  options: { readonly log: Log; readonly addressOf: (request: IncomingMessage) => string },
): RequestListener {
  const served = areas.map((area): Served => ({ ...area, router: new Router(area.routes) }));
  return (request, response) => {
    void serve(served, request, response, options).catch((error: unknown) => {
      if (!response.destroyed)
        options.log.error('request failed', { path: pathOf(request), error: messageOf(error) });
      response.destroy();
    });
  };
}

async function serve(
  areas: readonly Served[],
  request: IncomingMessage,
  response: ServerResponse,
  { log, addressOf }: { readonly log: Log; readonly addressOf: (request: IncomingMessage) => string },
): Promise<void> {
  const path = pathOf(request);
  const area = areas.find(({ prefixes }) => prefixes.some((prefix) => isBeneath(path, prefix)));
  let reply: Reply;
  try {
    reply =
      area === undefined
        ? json({ message: 'page not found' }, 404)
        : await answered(area, { path, request, response, addressOf });
  } catch (error) {
    const told = area?.failed(error, request);
    if (told === undefined && !response.destroyed) logFailure(log, request, error);
    reply = told ?? json({ message: 'internal error' }, 500);
  }
  if (response.destroyed) return;
  if (response.headersSent) response.destroy();
  else await send(request, response, closing(request, reply));
}

const isBeneath = (path: string, prefix: string): boolean =>
  path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`);

async function answered(
  area: Served,
  {
    path,
    request,
    response,
    addressOf,
  }: {
    readonly path: string;
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly addressOf: (request: IncomingMessage) => string;
  },
): Promise<Reply> {
  const actor = await area.authenticate(request, addressOf(request));
  const method = request.method ?? 'GET';
  // what has no route for HEAD answers as to GET
  const found =
    area.router.find(method, path) ?? (method === 'HEAD' ? area.router.find('GET', path) : undefined);
  const call = new Call({ actor, params: found?.params ?? {}, path, request, response });
  return found === undefined ? area.missing(call) : found.handler(call);
}

/** A client that still sends has so long to read why nobody listens. */
const lingerMilliseconds = 2000;

/**
 * A reply that comes before the whole body did ends the connection: the rest would be read as the next request. It ends a
 * moment later, and with nothing more read: a socket that is closed over unread bytes is reset, and the reply is lost.
 */
function closing(request: IncomingMessage, reply: Reply): Reply {
  if (request.complete || reply.status < 300) return reply;
  const { socket } = request;
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), lingerMilliseconds);
    socket.once('close', () => clearTimeout(timer));
  };
  return { ...reply, headers: { ...reply.headers, Connection: 'close' } };
}

function logFailure(log: Log, request: IncomingMessage, error: unknown): void {
  log.error('request failed', {
    method: request.method,
    path: pathOf(request),
    error: messageOf(error),
    ...(error instanceof Error && !(error instanceof EngineError) && { stack: error.stack }),
  });
}

/** Without the query, where secrets may be. */
function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}
