import { createHash } from 'node:crypto';
import { unauthorized } from '#base/errors.ts';
import type { Challenge } from './challenge.ts';
import type { Credentials } from './credentials.ts';
import { requestToken, type Token, type TokenTransport } from './token.ts';

/** Tokens by what they are for and whose they are, shared by the sessions of one client. */
export type TokenCache = Map<string, Token>;

/** `repository:library/busybox:pull` */
export type Scope = string;

interface ChallengeOptions {
  /** The request that is to be authorised: `Get`. */
  readonly verb: string;
  readonly url: URL;
  readonly fresh: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** Answers a registry's challenges in one person's name. */
export class Authorizer {
  readonly #credentials: Credentials;
  readonly #tokens: TokenCache;
  readonly #transport: TokenTransport;

  constructor(credentials: Credentials, tokens: TokenCache, transport: TokenTransport) {
    this.#credentials = credentials;
    this.#tokens = tokens;
    this.#transport = transport;
  }

  /**
   * The headers that convince a registry: none when it asks for nothing.
   *
   * @param options.fresh the registry refused what we had: no token from before
   * @throws {EngineError} `unauthorized` when it wants a name and we have none
   */
  async headers(
    challenges: readonly Challenge[],
    scopes: readonly Scope[],
    options: ChallengeOptions,
  ): Promise<Readonly<Record<string, string>>> {
    if (this.#credentials.registrytoken)
      return { authorization: `Bearer ${this.#credentials.registrytoken}` };
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer !== undefined)
      return { authorization: `Bearer ${await this.#token(bearer, scopes, options)}` };
    if (!challenges.some(({ scheme }) => scheme === 'basic')) return {};
    if (!this.#credentials.username)
      throw unauthorized(`${options.verb} "${options.url.href}": no basic auth credentials`);
    return { authorization: basic(this.#credentials) };
  }

  async #token(challenge: Challenge, scopes: readonly Scope[], options: ChallengeOptions): Promise<string> {
    const { realm = '', service = '' } = challenge.parameters;
    const asked = challenge.parameters['scope']?.split(' ').filter(Boolean) ?? [];
    const all = options.fresh ? [...new Set([...scopes, ...asked])].sort() : [...scopes].sort();
    const key = JSON.stringify([realm, service, all, identity(this.#credentials)]);
    const known = this.#tokens.get(key);
    if (!options.fresh && known !== undefined && known.expiresAt > Date.now()) return known.value;
    const request = { realm, service, scopes: all, registry: options.url, credentials: this.#credentials };
    const token = await requestToken(request, this.#transport, options.signal);
    forgetExpired(this.#tokens);
    this.#tokens.set(key, token);
    return token.value;
  }
}

export const basic = ({ username = '', password = '' }: Credentials): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;

/** Tells people apart without keeping their passwords. */
function identity({ username = '', password = '', identitytoken = '' }: Credentials): string {
  return createHash('sha256')
    .update(JSON.stringify([username, password, identitytoken]))
    .digest('base64');
}

function forgetExpired(tokens: TokenCache): void {
  for (const [key, { expiresAt }] of tokens) if (expiresAt <= Date.now()) tokens.delete(key);
}
