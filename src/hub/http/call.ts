import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { decodeJson, queryOf, type Schema } from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import { goneSignal } from '#base/gone-signal.ts';
import { readWhole } from '#base/read-whole.ts';
import type { Actor } from '../access/actor.ts';

const maxJsonBytes = 1 << 20;
const largestPage = 100;

/** One request, as a route sees it. */
export class Call {
  readonly actor: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly path: string;
  #isTold = false;
  #query: URLSearchParams | undefined;
  #signal: AbortSignal | undefined;

  constructor(options: {
    readonly actor: Actor;
    readonly params: Readonly<Record<string, string>>;
    readonly path: string;
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  }) {
    this.actor = options.actor;
    this.params = options.params;
    this.path = options.path;
    this.request = options.request;
    this.response = options.response;
  }

  get method(): string {
    return this.request.method ?? 'GET';
  }

  get headers(): IncomingHttpHeaders {
    return this.request.headers;
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return typeof value === 'string' ? value : value?.[0];
  }

  /** The request's body as it comes. Who leaves it before its end can still answer. */
  get body(): AsyncIterable<Uint8Array> {
    this.#goOn();
    return this.request.iterator({ destroyOnReturn: false });
  }

  /** Tells a client that waits for it to send its body. @see RFC 9110, § 10.1.1 */
  #goOn(): void {
    if (this.#isTold || this.headers.expect?.toLowerCase() !== '100-continue') return;
    this.#isTold = true;
    if (!this.response.headersSent) this.response.writeContinue();
  }

  /** Aborts when the client goes before it has its whole reply. */
  get signal(): AbortSignal {
    this.#signal ??= goneSignal(this.response);
    return this.#signal;
  }

  get query(): URLSearchParams {
    this.#query ??= queryOf(this.request.url);
    return this.#query;
  }

  param(name: string): string {
    return this.params[name] ?? '';
  }

  /** `?page=2&size=50`: from 1, at most 100 to a page. @throws {EngineError} `invalid` */
  page(): { readonly page: number; readonly size: number; readonly offset: number } {
    const page = this.count('page', 1, 1_000_000);
    const size = this.count('size', 25, largestPage);
    return { page, size, offset: (page - 1) * size };
  }

  /** A whole number from 1 in the query. @throws {EngineError} `invalid` naming it */
  count(name: string, whenAbsent: number, most: number): number {
    const given = this.query.get(name);
    if (given === null || given === '') return whenAbsent;
    const value = Number(given);
    if (!/^\d{1,15}$/.test(given) || value < 1)
      throw invalid(`${name} must be a number from 1, not ${JSON.stringify(given)}`);
    return Math.min(value, most);
  }

  /** The body decoded. @throws {EngineError} `invalid`, also for a body that is empty or too long */
  async json<T>(schema: Schema<T>, maxBytes = maxJsonBytes): Promise<T> {
    return decodeJson(schema, (await this.bytes(maxBytes)).toString());
  }

  /** The whole body. @throws {EngineError} `invalid` when it is longer than `maxBytes` */
  bytes(maxBytes: number): Promise<Buffer> {
    const tooLong = () => invalid(`the request's body is longer than ${maxBytes} bytes`);
    return readWhole(this.body, maxBytes, tooLong);
  }
}
