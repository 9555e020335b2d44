import type { IncomingMessage } from 'node:http';
import { unauthorized } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import { type Area, type Handler, json, type Routes } from '../http/index.ts';
import { authorizationOf } from './authorization.ts';
import { cookieOf } from './cookies.ts';
import type { Credentials } from './credentials.ts';
import { changes, checkCsrf, checkSameSite, csrfOfSession } from './csrf.ts';
import { apiFailed } from './failure.ts';
import type { PublicAddress } from './public-address.ts';
import type { Sessions } from './sessions.ts';

/**
 * Who asks the API: a session's cookie, with the CSRF token for what changes anything; or a name with its password or an access
 * token; or an access token alone; or nobody in particular.
 */
export function apiAuthentication(parts: {
  readonly credentials: Credentials;
  readonly sessions: Sessions;
  readonly publicAddress: PublicAddress;
}): (request: IncomingMessage, address: string) => Promise<Actor> {
  const { credentials, sessions, publicAddress } = parts;

  return async (request, address) => {
    if (changes(request)) checkSameSite(request, publicAddress(request));
    const authorization = authorizationOf(request);
    switch (authorization.scheme) {
      case 'none':
        return bySession(request, address);
      case 'basic':
        return (await credentials.basic(authorization.name, authorization.secret, address)).actor;
      case 'bearer':
        return (await credentials.accessToken(authorization.token, address)).actor;
      default:
        throw unauthorized('that way to authenticate is not known here');
    }
  };

  async function bySession(request: IncomingMessage, address: string): Promise<Actor> {
    const cookie = cookieOf(request, 'session', publicAddress(request));
    const person = cookie === undefined ? undefined : await sessions.find(request, cookie, address);
    if (person === undefined) return { kind: 'stranger', address };
    if (changes(request)) checkCsrf(request, csrfOfSession(cookie!));
    return person;
  }
}

/** `/api/`: the routes of the Hub's parts, with one way to know who asks and to say what went wrong. */
export function apiArea(authenticate: Area['authenticate'], tables: readonly Routes[]): Area {
  const routes = tables.flatMap((table) =>
    Object.entries(table).map(([line, handler]) => [line, uncached(handler)] as const),
  );
  return {
    prefixes: ['/api/'],
    routes: Object.fromEntries(routes),
    authenticate,
    missing: () => json({ message: 'page not found' }, 404),
    failed: apiFailed,
  };
}

/** What one is answered is for no cache to give to another. */
const uncached =
  (handler: Handler): Handler =>
  async (call) => {
    const reply = await handler(call);
    return {
      ...reply,
      headers: { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', ...reply.headers },
    };
  };
