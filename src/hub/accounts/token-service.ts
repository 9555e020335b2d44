import type { IncomingMessage } from 'node:http';
import { EngineError, invalid, kindOf, messageOf, unauthorized } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import type { Level } from '../api/accounts.ts';
import { type Area, type Call, type Headers, json, type Reply } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { personOf } from './account-record.ts';
import { type Attempts, TooManyAttempts } from './attempts.ts';
import { authorizationOf } from './authorization.ts';
import type { Credentials, Proof } from './credentials.ts';
import type { Origin } from './jwt.ts';
import type { PublicAddress } from './public-address.ts';
import { type RefreshTokens, signInEnded } from './refresh-tokens.ts';
import { type RegistryTokens, tokenLifetimeSeconds } from './registry-tokens.ts';
import { cutToRights, parseScopes } from './scopes.ts';
import type { Users } from './users.ts';

interface Asker {
  readonly actor: Actor;
  readonly origin?: Origin;
  /** What a refresh token may be given for. */
  readonly proof?: Proof;
}

interface Parts {
  readonly users: Users;
  readonly credentials: Credentials;
  readonly refreshTokens: RefreshTokens;
  readonly registryTokens: RegistryTokens;
  readonly attempts: Attempts;
  readonly publicAddress: PublicAddress;
}

const mostFormBytes = 64 * 1024;

/**
 * `GET /token` and `POST /token`: registry tokens for names with passwords or access tokens, for refresh tokens, and for strangers.
 *
 * @see distribution, Token Authentication Specification, and OAuth2 Token Authentication
 */
export class TokenService {
  readonly #rooms: HubRooms;
  readonly #parts: Parts;

  constructor(rooms: HubRooms, parts: Parts) {
    this.#rooms = rooms;
    this.#parts = parts;
  }

  get area(): Area {
    return {
      prefixes: ['/token'],
      routes: { 'GET /token': (call) => this.#get(call), 'POST /token': (call) => this.#post(call) },
      authenticate: (_request, address) => ({ kind: 'stranger', address }),
      missing: (call) =>
        call.path === '/token'
          ? json({ errors: [{ code: 'UNSUPPORTED', message: 'method not allowed' }] }, 405, {
              Allow: 'GET, POST',
            })
          : json({ errors: [{ code: 'NOT_FOUND', message: 'page not found' }] }, 404),
      failed: (error) => failed(error),
    };
  }

  async #get(call: Call): Promise<Reply> {
    const { query, request, actor } = call;
    const asker = await this.#byHeader(request, actor.address);
    const offline = query.get('offline_token') === 'true';
    return this.#issued(call, asker, { query, offline, client: query.get('client_id') ?? '' });
  }

  async #post(call: Call): Promise<Reply> {
    const form = await formOf(call);
    const asker = await this.#byForm(form, call.actor.address);
    const offline = form.get('access_type') === 'offline' || form.get('offline_token') === 'true';
    return this.#issued(call, asker, { query: form, offline, client: form.get('client_id') ?? '' });
  }

  async #issued(
    call: Call,
    { actor, origin, proof }: Asker,
    {
      query,
      offline,
      client,
    }: { readonly query: URLSearchParams; readonly offline: boolean; readonly client: string },
  ): Promise<Reply> {
    const { access, records } = this.#rooms;
    const granted = await cutToRights(parseScopes(query.getAll('scope')), {
      ...{ actor, access, accounts: records.accounts },
    });
    const { service } = this.#parts.publicAddress(call.request);
    const subject = actor.kind === 'person' ? actor.name : '';
    const { token, issuedAt } = await this.#parts.registryTokens.issue({
      service,
      subject,
      access: granted,
      origin,
    });
    return json(
      {
        token,
        access_token: token,
        expires_in: tokenLifetimeSeconds,
        issued_at: issuedAt.toISOString(),
        // asked for at sign-in, when a client means to keep it in place of the password
        ...(offline &&
          proof !== undefined && {
            refresh_token: await this.#parts.refreshTokens.create(proof, client, actor.address),
          }),
        ...(call.method === 'POST' && {
          scope: granted.map(({ type, name, actions }) => `${type}:${name}:${actions.join(',')}`).join(' '),
        }),
      },
      200,
      uncached,
    );
  }

  async #byHeader(request: IncomingMessage, address: string): Promise<Asker> {
    const authorization = authorizationOf(request);
    switch (authorization.scheme) {
      case 'none':
        return { actor: { kind: 'stranger', address } };
      case 'basic':
        return this.#bySecret(authorization.name, authorization.secret, address);
      case 'bearer':
        return byProof(await this.#parts.credentials.accessToken(authorization.token, address));
      default:
        throw unauthorized('basic authentication is needed here');
    }
  }

  async #byForm(form: URLSearchParams, address: string): Promise<Asker> {
    const grant = form.get('grant_type');
    if (grant === 'refresh_token') return this.#byRefreshToken(form.get('refresh_token') ?? '', address);
    if (grant === 'password')
      return this.#bySecret(form.get('username') ?? '', form.get('password') ?? '', address);
    throw invalid('grant_type is password or refresh_token');
  }

  async #bySecret(name: string, secret: string, address: string): Promise<Asker> {
    // who sends an identity token as a password knows no better way
    if (secret.startsWith('hhr_')) return this.#byRefreshToken(secret, address, name.toLowerCase());
    return byProof(await this.#parts.credentials.basic(name, secret, address));
  }

  async #byRefreshToken(secret: string, address: string, name?: string): Promise<Asker> {
    const { refreshTokens, users, attempts } = this.#parts;
    const token = await refreshTokens.find(secret);
    const user = token && (await users.findById(token.userId));
    if (
      token === undefined ||
      user === undefined ||
      user.disabledAt !== undefined ||
      (name ?? user.name) !== user.name
    ) {
      await (await attempts.secret(address)).failed();
      throw signInEnded();
    }
    await refreshTokens.used(token, address);
    const ceiling: Level = token.scope ?? 'admin';
    return {
      actor: { ...personOf(user, address), via: 'access-token', ceiling },
      origin: { user: user.id, ceiling, by: 'refresh-token', proof: token.id },
    };
  }
}

function byProof(proof: Proof): Asker {
  const { user, actor, via, ceiling, accessTokenId } = proof;
  const origin: Origin = {
    user: user.id,
    ceiling,
    by: via,
    proof: accessTokenId ?? user.passwordChangedAt,
  };
  return { actor, origin, proof };
}

async function formOf(call: Call): Promise<URLSearchParams> {
  const type = call.header('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\b/i.test(type))
    throw invalid('the body is to be application/x-www-form-urlencoded');
  return new URLSearchParams((await call.bytes(mostFormBytes)).toString());
}

const uncached: Headers = { 'Cache-Control': 'no-store', Pragma: 'no-cache' };

/** In the ways that clients read it: `details` is dockerd's, `errors` the registry's, `error` OAuth2's. */
function failed(error: unknown): Reply | undefined {
  const message = messageOf(error);
  if (error instanceof TooManyAttempts)
    return refusal(
      429,
      { code: 'TOOMANYREQUESTS', message },
      { 'Retry-After': String(error.retryAfterSeconds) },
    );
  if (!(error instanceof EngineError)) return undefined;
  switch (kindOf(error)) {
    case 'unauthorized':
      return refusal(
        401,
        { code: 'UNAUTHORIZED', message, oauth: 'invalid_grant' },
        { 'WWW-Authenticate': 'Basic realm="Hub"' },
      );
    case 'invalid':
      return refusal(400, { code: 'UNSUPPORTED', message, oauth: 'invalid_request' });
    case 'unavailable':
      return refusal(503, { code: 'UNAVAILABLE', message }, { 'Retry-After': '1' });
    default:
      return undefined;
  }
}

function refusal(
  status: number,
  { code, message, oauth }: { readonly code: string; readonly message: string; readonly oauth?: string },
  headers: Headers = {},
): Reply {
  const body = {
    details: message,
    errors: [{ code, message }],
    ...(oauth !== undefined && { error: oauth, error_description: message }),
  };
  return json(body, status, { ...uncached, ...headers });
}
