import { EngineError, unauthorized } from '#base/errors.ts';
import type { Reference } from '#oci/reference.ts';
import { Authorizer, type TokenCache } from './authorizer.ts';
import { parseChallenges } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { type Origin, Origins } from './origin.ts';
import type { RegistryConfig } from './registry-config.ts';
import { Repository } from './repository.ts';
import { defaultRetry, type RetryPolicy, retrying } from './retry.ts';
import { defaultSearchLimit, type FoundRepository, searchRepositories, searchTarget } from './search.ts';
import { Session } from './session.ts';
import { requestToken } from './token.ts';
import { discard } from './transport.ts';

export interface RepositoryOptions {
  readonly access: 'pull' | 'pull,push';
  readonly credentials?: Credentials | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Registries, as an engine is configured to reach them. Connections and tokens are kept between calls. */
export class RegistryClient implements Disposable {
  readonly #origins: Origins;
  readonly #tokens: TokenCache = new Map();
  readonly #retry: RetryPolicy;

  constructor(config: RegistryConfig) {
    this.#origins = new Origins(config);
    this.#retry = { ...defaultRetry, ...config.retry };
  }

  /** @throws {EngineError} `unavailable` when neither the registry nor a mirror answers */
  async repository(
    reference: Pick<Reference, 'domain' | 'path'>,
    options: RepositoryOptions,
  ): Promise<Repository> {
    const { access, signal } = options;
    const groups = await this.#origins.groupsOf(reference.domain, { mirrors: access === 'pull' });
    const sessions: Session[] = [];
    let failure: unknown;
    for (const group of groups) {
      try {
        const origin = await this.#connect(group, signal);
        // A mirror is somebody else's: it is not told the password of the registry it mirrors.
        sessions.push(this.#session(origin, origin.isMirror ? {} : (options.credentials ?? {})));
      } catch (error) {
        if (signal?.aborted) throw error;
        failure = error;
      }
    }
    if (sessions.length === 0) throw failure;
    return new Repository(sessions, { path: reference.path, access });
  }

  /**
   * Checks credentials against the registry they name.
   *
   * @returns the identity token to keep instead of the password, '' where the registry gives none
   */
  async login(credentials: Credentials, signal?: AbortSignal): Promise<string> {
    const [group = []] = await this.#origins.groupsOf(domainOf(credentials.serveraddress ?? ''), {
      mirrors: false,
    });
    const origin = await this.#connect(group, signal);
    const bearer = origin.challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer !== undefined) {
      const { realm = '', service = '' } = bearer.parameters;
      const request = { realm, service, scopes: [], registry: origin.base, credentials, offline: true };
      const token = await requestToken(request, this.#origins, signal);
      return credentials.identitytoken || (token.refreshToken ?? '');
    }
    const url = new URL('/v2/', origin.base);
    const session = this.#session(origin, credentials);
    const response = await session.send({ method: 'GET', url, scopes: [], accept: [200, 401, 403], signal });
    discard(response);
    if (response.status === 200) return '';
    throw unauthorized(
      `login attempt to ${url.href} failed with status: ${response.status} ${response.statusText}`,
    );
  }

  /** Looks for repositories by a term, which may name the registry. @throws {EngineError} `invalid` for what is no term */
  async search(request: {
    readonly term: string;
    readonly limit?: number;
    readonly credentials?: Credentials | undefined;
    readonly signal?: AbortSignal | undefined;
  }): Promise<readonly FoundRepository[]> {
    const { domain, term } = searchTarget(request.term);
    const { credentials = {}, limit = defaultSearchLimit, signal } = request;
    // the default registry is searched at its index
    const host = domain === 'docker.io' && !this.#origins.hasDefault ? 'index.docker.io' : domain;
    const [group = []] = await this.#origins.groupsOf(host, { mirrors: false });
    const origin = await this.#connect(group, signal);
    // the search call is older than tokens: a name and a password go with it as they are
    if (credentials.username && !credentials.identitytoken)
      origin.challenges = [{ scheme: 'basic', parameters: {} }];
    else if (!credentials.identitytoken && !credentials.registrytoken) origin.challenges = [];
    return searchRepositories(this.#session(origin, credentials), { term, limit, signal });
  }

  #session(origin: Origin, credentials: Credentials): Session {
    const authorizer = new Authorizer(credentials, this.#tokens, this.#origins);
    return new Session({ origin, origins: this.#origins, authorizer, retry: this.#retry });
  }

  /** The first address of a group that answers at all, with its challenges. */
  async #connect(group: readonly Origin[], signal: AbortSignal | undefined): Promise<Origin> {
    let failure: unknown = new EngineError('internal', 'a registry without an address');
    for (const [index, origin] of group.entries()) {
      try {
        const isLast = index + 1 === group.length;
        await retrying(
          () => this.#ping(origin, signal),
          { ...this.#retry, ...(isLast ? {} : { attempts: 1 }), known: false },
          signal,
        );
        return origin;
      } catch (error) {
        if (signal?.aborted) throw error;
        failure = error;
      }
    }
    throw failure;
  }

  async #ping(origin: Origin, signal: AbortSignal | undefined): Promise<void> {
    const response = await this.#origins.send({
      method: 'GET',
      url: new URL('/v2/', origin.base),
      headers: {},
      signal,
    });
    origin.challenges = response.status === 401 ? parseChallenges(response.headers['www-authenticate']) : [];
    discard(response);
  }

  [Symbol.dispose](): void {
    this.#origins[Symbol.dispose]();
  }
}

/** `https://index.docker.io/v1/` and '' are the default registry; others are their host. */
function domainOf(serverAddress: string): string {
  const host = serverAddress.replace(/^https?:\/\//, '').replace(/\/.*$/s, '');
  return ['', 'index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host;
}
