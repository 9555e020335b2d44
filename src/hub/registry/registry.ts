import type { IncomingMessage } from 'node:http';
import { messageOf } from '#base/errors.ts';
import type { KeyedLock } from '#base/keyed-lock.ts';
import type { Log } from '#base/log.ts';
import type { Actor } from '../access/actor.ts';
import type { Area } from '../http/area.ts';
import type { Call } from '../http/call.ts';
import type { Reply } from '../http/reply.ts';
import type { HubRooms } from '../rooms.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { PullMeter } from '../usage/pull-meter.ts';
import { blobRoutes } from './blobs.ts';
import { failureReply, RegistryError } from './errors.ts';
import { Gate, unauthorised } from './gate.ts';
import { listRoutes } from './lists.ts';
import { manifestRoutes } from './manifests.ts';
import { jsonAnswer } from './replies.ts';
import { Repositories } from './repositories.ts';
import { isEndpoint, neededScopes } from './scopes.ts';
import { UploadSessions } from './upload-sessions.ts';
import { uploadRoutes } from './uploads.ts';

export interface RegistryOptions {
  readonly store: BlobStore;
  /** By digest: collection deletes a blob's file under it, an upload becomes one under it. */
  readonly locks: KeyedLock;
  readonly pulls: PullMeter;
  /** Who asks. @throws {EngineError} `unauthorized` */
  authenticate(request: IncomingMessage, address: string): Actor | Promise<Actor>;
  /** The value of `WWW-Authenticate` that asks for a token for these scopes. */
  challenge(
    request: IncomingMessage,
    scopes: readonly string[],
    error?: 'invalid_token' | 'insufficient_scope',
  ): string;
}

export interface Registry {
  /** `/v2/` */
  readonly area: Area;
  readonly repositories: Repositories;
}

/** The registry's part of the Hub. @see OCI distribution-spec 1.1.1 */
export function openRegistry(rooms: HubRooms, options: RegistryOptions): Registry {
  const { store, locks, pulls } = options;
  const repositories = new Repositories(rooms);
  const gate = new Gate(rooms, repositories);
  const sessions = new UploadSessions(rooms, { store, locks });
  return {
    repositories,
    area: {
      prefixes: ['/v2/'],
      routes: {
        'GET /v2/': base,
        ...manifestRoutes(rooms, { store, gate, pulls }),
        ...uploadRoutes(rooms, { gate, sessions }),
        ...blobRoutes(rooms, { store, gate }),
        ...listRoutes(rooms, { gate }),
      },
      authenticate: (request, address) => options.authenticate(request, address),
      missing: (call) => {
        throw isEndpoint(call.path)
          ? new RegistryError('UNSUPPORTED', `${call.method} is not supported here`)
          : new RegistryError('UNSUPPORTED', 'page not found', { status: 404 });
      },
      failed: (error, request) =>
        challenged(options, request, failureReply(error) ?? unknown(rooms.log, error, request)),
    },
  };
}

/** Clients ask here first, and learn how to come by a token: also those who could do without. */
function base({ actor }: Call): Reply {
  if (actor.kind === 'stranger' && actor.scopes === undefined) throw unauthorised();
  return jsonAnswer({});
}

/** What went wrong inside is logged, and is nobody's to know. Undefined where the client has gone. */
function unknown(log: Log, error: unknown, { method, url = '', socket }: IncomingMessage): Reply | undefined {
  if (socket.destroyed) return undefined;
  const fields = { method, path: url.split('?', 1)[0], error: messageOf(error) };
  log.error('request failed', { ...fields, ...(error instanceof Error && { stack: error.stack }) });
  return failureReply(new RegistryError('UNKNOWN', 'internal error'));
}

/** A 401 says what token is needed. */
function challenged(
  { challenge }: RegistryOptions,
  request: IncomingMessage,
  reply: Reply | undefined,
): Reply | undefined {
  if (reply?.status !== 401) return reply;
  const error = request.headers.authorization?.startsWith('Bearer ') ? 'insufficient_scope' : undefined;
  return {
    ...reply,
    headers: { ...reply.headers, 'WWW-Authenticate': challenge(request, neededScopes(request), error) },
  };
}
