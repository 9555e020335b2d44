import { randomUUID } from 'node:crypto';
import { unauthorized } from '#base/errors.ts';
import type { Actor, Scopes } from '../access/index.ts';
import type { CredentialHolder } from '../records/index.ts';
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
  async issue(options: {
    readonly service: string;
    readonly subject: string;
    readonly access: readonly ResourceAccess[];
    readonly origin?: Origin | undefined;
  }): Promise<{ readonly token: string; readonly issuedAt: Date }> {
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
    return { token: signedToken(claims, await this.#keys.current()), issuedAt };
  }

  /** Who shows a token. @throws {EngineError} `unauthorized` for one that is forged, expired, of another, or whose user or credential is gone */
  async actor(
    token: string,
    { service, address }: { readonly service: string; readonly address: string },
  ): Promise<Actor> {
    const { claims, scopes } = this.#verified.get(token) ?? (await this.#verify(token));
    const seconds = this.#rooms.now().getTime() / 1000;
    if (claims.exp <= seconds || claims.nbf > seconds + 1) throw unauthorized('the token has expired');
    if (claims.aud !== service) throw unauthorized('the token is for another service');
    const { hub: origin } = claims;
    if (origin === undefined) return { kind: 'stranger', address, scopes };
    const user = await this.#holder(origin);
    if (user === undefined) throw unauthorized('the token is no longer valid');
    return {
      ...{ kind: 'person', id: origin.user, name: user.name, isAdmin: user.isAdmin, address },
      ...{ via: 'registry-token', ceiling: origin.ceiling, scopes },
    };
  }

  async #verify(token: string): Promise<Verified> {
    const claims = await verifiedClaims(token, (id) => this.#keys.publicKey(id));
    // what lasts longer was not issued here, whoever has the key
    const last = this.#rooms.now().getTime() / 1000 + tokenLifetimeSeconds + 1;
    if (claims === undefined || !(claims.exp <= last)) throw unauthorized('the token is not valid');
    const verified = { claims, scopes: scopesOf(claims.access, claims.hub?.ceiling ?? 'read') };
    this.#verified.set(token, verified);
    return verified;
  }

  /** Looked up at each request, so that what is revoked ends at once, by whichever process it was. */
  #holder({ user: userId, by, proof }: Origin): Promise<CredentialHolder | undefined> {
    return this.#rooms.records.credentials.holder({ userId, by, proof });
  }
}
