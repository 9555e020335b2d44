import { randomUUID } from 'node:crypto';
import { unauthorized } from '#base/errors.ts';
import type { Actor, Scopes } from '../access/index.ts';
import type { HubRooms } from '../rooms.ts';
import { type Claims, type Origin, type ResourceAccess, signedToken, verifiedClaims } from './jwt.ts';
import { RecentMap } from './recent-map.ts';
import { scopesOf } from './scopes.ts';
import type { SigningKeys } from './signing-keys.ts';

export const tokenLifetimeSeconds = 300;
const mostVerified = 2500;

interface Verified {
  readonly claims: Claims;
  readonly scopes: Scopes;
}

interface LiveUser {
  readonly name: string;
  readonly is_admin: number;
  readonly is_live: number;
}

/** Short-lived signed tokens for the registry. What is verified once is known again; whose it is is looked at each time. */
export class RegistryTokens {
  readonly #rooms: HubRooms;
  readonly #keys: SigningKeys;
  readonly #verified = new RecentMap<string, Verified>(mostVerified);

  constructor(rooms: HubRooms, keys: SigningKeys) {
    this.#rooms = rooms;
    this.#keys = keys;
  }

  /** @param options.service for whom: a token for one Hub is nothing to another. */
  issue(options: {
    readonly service: string;
    readonly subject: string;
    readonly access: readonly ResourceAccess[];
    readonly origin?: Origin | undefined;
  }): { readonly token: string; readonly issuedAt: Date } {
    const { service, subject, access, origin } = options;
    const issuedAt = this.#rooms.now();
    const seconds = Math.floor(issuedAt.getTime() / 1000);
    const claims: Claims = {
      iss: service,
      sub: subject,
      aud: service,
      exp: seconds + tokenLifetimeSeconds,
      nbf: seconds,
      iat: seconds,
      jti: randomUUID(),
      access,
      ...(origin !== undefined && { hub: origin }),
    };
    return { token: signedToken(claims, this.#keys.current()), issuedAt };
  }

  /** Who shows a token. @throws {EngineError} `unauthorized` for one that is forged, expired, of another, or whose user or credential is gone */
  actor(token: string, { service, address }: { readonly service: string; readonly address: string }): Actor {
    const { claims, scopes } = this.#verified.get(token) ?? this.#verify(token);
    const seconds = this.#rooms.now().getTime() / 1000;
    if (claims.exp <= seconds || claims.nbf > seconds + 1) throw unauthorized('the token has expired');
    if (claims.aud !== service) throw unauthorized('the token is for another service');
    const { hub: origin } = claims;
    if (origin === undefined) return { kind: 'stranger', address, scopes };
    const user = this.#live(origin);
    if (user === undefined) throw unauthorized('the token is no longer valid');
    return {
      ...{ kind: 'person', id: origin.user, name: user.name, isAdmin: user.is_admin === 1, address },
      ...{ via: 'registry-token', ceiling: origin.ceiling, scopes },
    };
  }

  #verify(token: string): Verified {
    const claims = verifiedClaims(token, (id) => this.#keys.publicKey(id));
    if (claims === undefined) throw unauthorized('the token is not valid');
    const verified = { claims, scopes: scopesOf(claims.access, claims.hub?.ceiling ?? 'read') };
    this.#verified.set(token, verified);
    return verified;
  }

  /**
   * The user, while there is one, not disabled, and what the token was made by still good: one lookup by keys, at each request, so
   * that what is revoked ends at once, by whichever process it was.
   */
  #live({ user, by, proof }: Origin): LiveUser | undefined {
    const row = this.#rooms.database.get<LiveUser>(
      `SELECT a.name, u.is_admin, u.disabled_at IS NULL AND ${liveProof[by]} AS is_live
         FROM user u JOIN account a ON a.id = u.account_id WHERE u.account_id = ?1`,
      ...(by === 'password' ? [user, proof] : [user, proof, this.#rooms.now().toISOString()]),
    );
    return row?.is_live === 1 ? row : undefined;
  }
}

const liveProof: Readonly<Record<Origin['by'], string>> = {
  password: 'u.password_changed_at = ?2',
  'access-token':
    'EXISTS (SELECT 1 FROM access_token t WHERE t.id = ?2 AND t.user_id = ?1 AND (t.expires_at IS NULL OR t.expires_at > ?3))',
  'refresh-token': `EXISTS (SELECT 1 FROM refresh_token t LEFT JOIN access_token f ON f.id = t.access_token_id
     WHERE t.id = ?2 AND t.user_id = ?1 AND t.expires_at > ?3 AND (f.expires_at IS NULL OR f.expires_at > ?3))`,
};
