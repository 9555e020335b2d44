import type { IncomingMessage } from 'node:http';
import { unauthorized } from '#base/errors.ts';
import type { Actor } from '../access/index.ts';
import type { AccessToken, Level } from '../api/accounts.ts';
import type { Area, Routes } from '../http/index.ts';
import type { HubRooms } from '../rooms.ts';
import { AccessTokens } from './access-tokens.ts';
import { apiArea, apiAuthentication } from './api-area.ts';
import { Attempts } from './attempts.ts';
import { authorizationOf } from './authorization.ts';
import { Credentials } from './credentials.ts';
import { Invitations } from './invitations.ts';
import { invitationRoutes, organisationRoutes } from './organisation-routes.ts';
import { Organisations } from './organisations.ts';
import { type PasswordCost, PasswordHasher } from './password-hash.ts';
import { challengeOf, type PublicAddress } from './public-address.ts';
import { RefreshTokens } from './refresh-tokens.ts';
import { RegistryTokens } from './registry-tokens.ts';
import { SecondFactor } from './second-factor.ts';
import { sessionRoutes } from './session-routes.ts';
import { Sessions } from './sessions.ts';
import { SigningKeys } from './signing-keys.ts';
import { TokenService } from './token-service.ts';
import { userRoutes } from './user-routes.ts';
import { Users } from './users.ts';

export interface Accounts {
  readonly users: Users;
  /** `/token` */
  readonly tokenArea: Area;
  /**
   * Who asks the registry: basic authentication with a password or an access token, a registry token, an access token as a bearer's,
   * or nobody in particular.
   *
   * @throws {EngineError} `unauthorized`; {TooManyAttempts} → 429
   */
  registryAuthenticate(request: IncomingMessage, address: string): Promise<Actor>;
  /** The registry's `WWW-Authenticate`, for `repository:team/app:pull,push` and the like. */
  challenge(
    request: IncomingMessage,
    scopes: readonly string[],
    error?: 'invalid_token' | 'insufficient_scope',
  ): string;
  /**
   * Who asks the API: a session's cookie (with the CSRF token for what changes anything), basic authentication, an access token.
   *
   * @throws {EngineError} `unauthorized`, `forbidden`; {TooManyAttempts} → 429
   */
  apiAuthenticate(request: IncomingMessage, address: string): Promise<Actor>;
  /** Sessions, users, organisations, invitations. */
  readonly apiRoutes: Routes;
  /** `/api/` of these and others' routes, with `apiAuthenticate`, and failures as the page reads them. */
  apiArea(...others: readonly Routes[]): Area;
  /** For who has lost the app and the recovery codes. @throws {EngineError} `notFound` */
  dropSecondFactor(userName: string): Promise<void>;
  /** An access token of a user's. @throws {EngineError} */
  createToken(
    userName: string,
    token: { readonly name: string; readonly scope: Level; readonly expiresAt?: string | undefined },
  ): Promise<AccessToken & { readonly secret: string }>;
}

export interface AccountsOptions {
  readonly publicAddress: PublicAddress;
  /** Of the program: the page shows it; none when absent. */
  readonly version?: string;
  /** OWASP's when absent. */
  readonly passwordCost?: PasswordCost;
}

export function openAccounts(rooms: HubRooms, options: AccountsOptions): Accounts {
  const { publicAddress } = options;
  const hasher = new PasswordHasher(options.passwordCost);
  const attempts = new Attempts(rooms.records.attempts, rooms.now);
  const users = new Users(rooms, hasher);
  const tokens = new AccessTokens(rooms);
  const credentials = new Credentials(rooms, { users, tokens, hasher, attempts });
  const registryTokens = new RegistryTokens(rooms, new SigningKeys(rooms));
  const refreshTokens = new RefreshTokens(rooms);
  const tokenService = new TokenService(rooms, {
    ...{ users, credentials, attempts, refreshTokens, registryTokens, publicAddress },
  });
  const secondFactor = new SecondFactor(rooms, attempts);
  const sessions = new Sessions(rooms);
  const organisations = new Organisations(rooms);
  const invitations = new Invitations(rooms, attempts);
  const parts = {
    ...{ users, tokens, credentials, secondFactor, sessions, organisations, invitations, attempts },
    ...{ publicAddress, version: options.version ?? '' },
  };
  const apiAuthenticate = apiAuthentication(parts);
  const apiRoutes: Routes = {
    ...sessionRoutes(rooms, parts),
    ...userRoutes(rooms, parts),
    ...organisationRoutes(rooms, parts),
    ...invitationRoutes(parts),
  };
  return {
    users,
    apiAuthenticate,
    apiRoutes,
    apiArea: (...others) => apiArea(apiAuthenticate, [apiRoutes, ...others]),
    dropSecondFactor: async (userName) => secondFactor.remove(await users.get(userName)),
    tokenArea: tokenService.area,
    registryAuthenticate: async (request, address) => {
      const authorization = authorizationOf(request);
      switch (authorization.scheme) {
        case 'none':
          return { kind: 'stranger', address };
        case 'basic':
          return (await credentials.basic(authorization.name, authorization.secret, address)).actor;
        case 'bearer': {
          const { token } = authorization;
          if (token.startsWith('hht_')) return (await credentials.accessToken(token, address)).actor;
          return registryTokens.actor(token, { service: publicAddress(request).service, address });
        }
        default:
          throw unauthorized('that way to authenticate is not known here');
      }
    },
    challenge: (request, scopes, error) => challengeOf(publicAddress(request), scopes, error),
    createToken: async (userName, token) => tokens.create(await users.get(userName), token),
  };
}
