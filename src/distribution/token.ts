import { forbidden } from '#base/errors.ts';
import { basic } from './authorizer.ts';
import type { Credentials } from './credentials.ts';
import { errorOfResponse, unexpected } from './registry-error.ts';
import { type HttpRequest, type HttpResponse, readBody } from './transport.ts';

export interface Token {
  readonly value: string;
  /** Milliseconds since the epoch, a little before the server's own word. */
  readonly expiresAt: number;
  /** Given on login only. */
  readonly refreshToken?: string;
}

export interface TokenTransport {
  send(request: HttpRequest): Promise<HttpResponse>;
  /** Whether a host may be told secrets without TLS. */
  isInsecure(url: URL): boolean;
}

export interface TokenRequest {
  readonly realm: string;
  readonly service: string;
  readonly scopes: readonly string[];
  /** The registry that sent us. */
  readonly registry: URL;
  readonly credentials: Credentials;
  /** Ask for a refresh token too. */
  readonly offline?: boolean;
}

const clientId = 'hoist';
const leastSeconds = 60;
const maxTokenBytes = 1 << 20;

/**
 * A bearer token from an authorization server: GET with basic authentication, or an OAuth2 POST when we hold an
 * identity token.
 *
 * @see distribution/distribution, docs/spec/auth/token.md and oauth.md
 */
export async function requestToken(
  request: TokenRequest,
  transport: TokenTransport,
  signal: AbortSignal | undefined,
): Promise<Token> {
  const realm = realmOf(request, transport);
  const message = request.credentials.identitytoken
    ? oauthRequest(request, realm)
    : basicRequest(request, realm);
  const response = await transport.send({ ...message, signal });
  const body = await readBody(response, maxTokenBytes);
  if (response.status !== 200) throw errorOfResponse({ ...response, body });
  return tokenOf(body);
}

function realmOf({ realm, registry, credentials }: TokenRequest, transport: TokenTransport): URL {
  if (!URL.canParse(realm))
    throw unexpected(`its token realm ${JSON.stringify(realm.slice(0, 200))} is no address`);
  const url = new URL(realm);
  const secret = credentials.identitytoken || credentials.username;
  const plain = url.protocol !== 'https:';
  if (plain && url.protocol !== 'http:')
    throw unexpected(`its token realm ${JSON.stringify(url.href)} is no web address`);
  if (plain && secret && registry.protocol === 'https:' && !transport.isInsecure(url))
    throw forbidden(`${registry.host} asks for the password to be sent to ${url.href} without TLS`);
  return url;
}

function basicRequest({ service, scopes, credentials, offline }: TokenRequest, realm: URL): HttpRequest {
  const url = new URL(realm);
  if (service !== '') url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (offline) {
    url.searchParams.set('offline_token', 'true');
    url.searchParams.set('client_id', clientId);
  }
  if (!credentials.username) return { method: 'GET', url, headers: {} };
  url.searchParams.set('account', credentials.username);
  return { method: 'GET', url, headers: { authorization: basic(credentials) } };
}

function oauthRequest({ service, scopes, credentials }: TokenRequest, realm: URL): HttpRequest {
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    refresh_token: credentials.identitytoken ?? '',
    service,
    client_id: clientId,
  });
  if (scopes.length > 0) form.set('scope', scopes.join(' '));
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return { method: 'POST', url: realm, headers, body: Buffer.from(form.toString()) };
}

function tokenOf(body: Uint8Array): Token {
  let answer: Record<string, unknown>;
  try {
    answer = Object(JSON.parse(Buffer.from(body).toString())) as Record<string, unknown>;
  } catch {
    throw unexpected('its authorization server sent no JSON');
  }
  const value = answer['access_token'] || answer['token'];
  if (typeof value !== 'string' || /[^\x21-\x7e]/.test(value))
    throw unexpected('its authorization server sent no token');
  const lifetime = typeof answer['expires_in'] === 'number' ? answer['expires_in'] : leastSeconds;
  const expiresAt = Date.now() + Math.max(leastSeconds, lifetime) * 900;
  const refreshToken = answer['refresh_token'];
  return typeof refreshToken === 'string' ? { value, expiresAt, refreshToken } : { value, expiresAt };
}
