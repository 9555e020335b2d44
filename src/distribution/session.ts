import type { Authorizer, Scope } from './authorizer.ts';
import { parseChallenges } from './challenge.ts';
import { verbOf } from './connection-failure.ts';
import type { Origin, Origins } from './origin.ts';
import { errorOfResponse, unexpected } from './registry-error.ts';
import { defaultRetry, type RetryPolicy, retrying } from './retry.ts';
import { discard, type HttpRequest, type HttpResponse, readBody } from './transport.ts';

export interface SessionRequest {
  readonly method: HttpRequest['method'];
  /** Beneath the origin, or a whole address that the registry gave. */
  readonly url: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly scopes: readonly Scope[];
  /** Statuses that are an answer; every other is thrown. */
  readonly accept: readonly number[];
  readonly signal?: AbortSignal | undefined;
}

const maxRedirects = 10;
const maxErrorBytes = 65_536;

/** Only what has no body goes wherever a redirect says; an upload moves on by the codes that keep its method. */
const redirectsOf = (method: string): readonly number[] =>
  method === 'GET' || method === 'HEAD' ? [301, 302, 303, 307, 308] : [307, 308];

/** Requests to one registry in one person's name: authorised, redirected, refusals turned into errors. */
export class Session {
  readonly origin: Origin;
  readonly retry: RetryPolicy;
  readonly #origins: Origins;
  readonly #authorizer: Authorizer;

  constructor(options: {
    origin: Origin;
    origins: Origins;
    authorizer: Authorizer;
    retry?: RetryPolicy | undefined;
  }) {
    this.origin = options.origin;
    this.retry = options.retry ?? defaultRetry;
    this.#origins = options.origins;
    this.#authorizer = options.authorizer;
  }

  /** The same, tried again while the registry is busy or the connection fails. Not for bodies that are parts. */
  sendPatiently(request: SessionRequest): Promise<HttpResponse> {
    return retrying(() => this.send(request), { ...this.retry, known: true }, request.signal);
  }

  /** @throws {RegistryError} for a status that is not accepted @throws {ConnectionError} */
  async send(request: SessionRequest): Promise<HttpResponse> {
    const url = new URL(request.url, this.origin.base);
    let response = await this.#follow(url, request, await this.#authorization(url, request, false));
    if (response.status === 401 && this.#learn(response)) {
      discard(response);
      response = await this.#follow(url, request, await this.#authorization(url, request, true));
    }
    if (request.accept.includes(response.status)) return response;
    throw errorOfResponse({
      ...response,
      body: await readBody(response, maxErrorBytes).catch(() => Buffer.alloc(0)),
    });
  }

  async #authorization(
    url: URL,
    request: SessionRequest,
    fresh: boolean,
  ): Promise<Readonly<Record<string, string>>> {
    if (url.origin !== this.origin.base.origin) return {};
    return this.#authorizer.headers(this.origin.challenges, request.scopes, {
      verb: verbOf(request.method),
      url,
      fresh,
      signal: request.signal,
    });
  }

  #learn(response: HttpResponse): boolean {
    const challenges = parseChallenges(response.headers['www-authenticate']);
    if (response.url.origin !== this.origin.base.origin || challenges.length === 0) return false;
    const first = this.origin.challenges.length === 0;
    this.origin.challenges = challenges;
    // A password that was refused will be refused again; a token may have run out.
    return first || challenges.some(({ scheme }) => scheme === 'bearer');
  }

  async #follow(
    start: URL,
    request: SessionRequest,
    authorization: Readonly<Record<string, string>>,
  ): Promise<HttpResponse> {
    let url = start;
    for (let hops = 0; hops <= maxRedirects; hops += 1) {
      const own = url.origin === start.origin ? authorization : {};
      const response = await this.#origins.send({
        method: request.method,
        url,
        headers: { ...request.headers, ...own },
        ...(request.body === undefined ? {} : { body: request.body }),
        signal: request.signal,
      });
      const { location } = response.headers;
      if (!redirectsOf(request.method).includes(response.status) || location === undefined) return response;
      discard(response);
      if (!URL.canParse(location, url))
        throw unexpected(`it redirects to ${JSON.stringify(location.slice(0, 200))}`);
      url = new URL(location, url);
    }
    throw unexpected(`${start.href}: stopped after ${maxRedirects} redirects`);
  }
}
