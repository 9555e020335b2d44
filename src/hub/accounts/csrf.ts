import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { forbidden } from '#base/errors.ts';
import { originOf, type PublicAddress } from './public-address.ts';

/** Of this process: a visitor's token is asked for anew after a restart. */
const visitorKey = randomBytes(32);

/** What must come as `X-CSRF-Token` with a session's cookie. Who has it has not the cookie. */
export const csrfOfSession = (cookie: string): string =>
  createHash('sha256').update(`csrf\0${cookie}`).digest('base64url');

/** The same for who is not signed in: signed, so that a cookie which another page put there is of no use to it. */
export const csrfOfVisitor = (cookie: string): string =>
  createHmac('sha256', visitorKey).update(cookie).digest('base64url');

export const newCookie = (): string => randomBytes(32).toString('base64url');

export const changes = ({ method = 'GET' }: IncomingMessage): boolean =>
  method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';

/** @throws {EngineError} `forbidden` unless the request brings the token */
export function checkCsrf(request: IncomingMessage, expected: string): void {
  const given = Buffer.from(String(request.headers['x-csrf-token'] ?? ''));
  const wanted = Buffer.from(expected);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted))
    throw forbidden('the X-CSRF-Token header is missing or not of this session: read /api/session again');
}

/**
 * Refuses changes that a browser says come from another site. Programs say nothing of it and pass; they have no cookies.
 *
 * @see OWASP, Cross-Site Request Forgery Prevention Cheat Sheet § Fetch Metadata, § Verifying Origin
 * @throws {EngineError} `forbidden`
 */
export function checkSameSite(request: IncomingMessage, address: ReturnType<PublicAddress>): void {
  const site = request.headers['sec-fetch-site'];
  const { origin } = request.headers;
  const isForeign =
    (site !== undefined && site !== 'same-origin' && site !== 'none') ||
    (origin !== undefined && origin !== originOf(address));
  if (isForeign) throw forbidden('a request from another site changes nothing here');
}
