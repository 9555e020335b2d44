import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import {
  AuthConfig,
  decode,
  decodeJson,
  map,
  parseFilters,
  queryBoolean,
  queryInteger,
  queryOf,
  type Schema,
} from '#api/index.ts';
import { invalid } from '#base/errors.ts';
import { goneSignal } from '#base/gone-signal.ts';
import { readWhole } from '#base/read-whole.ts';
import type { Engine } from '#engine/index.ts';
import type { Filters } from '#events/index.ts';

const maxJsonBytes = 16 << 20;

/** One request, as a route sees it. */
export class Call {
  readonly engine: Engine;
  readonly params: Readonly<Record<string, string>>;
  /** The minor number of the API version that the client speaks. */
  readonly version: number;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #query: URLSearchParams | undefined;
  #signal: AbortSignal | undefined;

  constructor(options: {
    readonly engine: Engine;
    readonly params: Readonly<Record<string, string>>;
    readonly version: number;
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
  }) {
    this.engine = options.engine;
    this.params = options.params;
    this.version = options.version;
    this.#request = options.request;
    this.#response = options.response;
  }

  get headers(): IncomingHttpHeaders {
    return this.#request.headers;
  }

  /** The request's body as it comes. Who leaves it before its end can still answer. */
  get body(): AsyncIterable<Uint8Array> {
    return this.#request.iterator({ destroyOnReturn: false });
  }

  /** Aborts when the client goes before it has its whole reply. */
  get signal(): AbortSignal {
    this.#signal ??= goneSignal(this.#response);
    return this.#signal;
  }

  get query(): URLSearchParams {
    this.#query ??= queryOf(this.#request.url);
    return this.#query;
  }

  param(name: string): string {
    return this.params[name] ?? '';
  }

  /** A query's text; undefined when absent or empty. */
  text(name: string): string | undefined {
    return this.query.get(name) || undefined;
  }

  flag(name: string, whenAbsent = false): boolean {
    return queryBoolean(this.query.get(name), whenAbsent);
  }

  integer(name: string): number | undefined {
    return queryInteger(this.query.get(name));
  }

  filters(): Filters {
    return parseFilters(this.query.get('filters'));
  }

  /** The body decoded. @throws {EngineError} `invalid`, also for a body that is empty or larger than `maxBytes` */
  async json<T>(schema: Schema<T>, maxBytes = maxJsonBytes): Promise<T> {
    const body = await this.optionalJson(schema, maxBytes);
    if (body === undefined) throw invalid('invalid JSON: got EOF while reading request body');
    return body;
  }

  /** The body decoded, or undefined when there is none. */
  async optionalJson<T>(schema: Schema<T>, maxBytes = maxJsonBytes): Promise<T | undefined> {
    const tooLong = () => invalid(`invalid JSON: request body is larger than ${maxBytes} bytes`);
    const text = (await readWhole(this.#request, maxBytes, tooLong)).toString();
    if (text.trim() === '') return undefined;
    this.#checkContentType();
    return decodeJson(schema, text);
  }

  /** What `X-Registry-Auth` holds; undefined without one, and for one that cannot be read, as Docker has it. */
  credentials(): AuthConfig | undefined {
    return authHeader(AuthConfig, this.headers['x-registry-auth']);
  }

  /** The same of `X-Registry-Config`: credentials by registry. */
  registryCredentials(): Readonly<Record<string, AuthConfig>> | undefined {
    return authHeader(map(AuthConfig), this.headers['x-registry-config']);
  }

  #checkContentType(): void {
    const given = this.headers['content-type'] ?? '';
    if (given.split(';')[0]!.trim().toLowerCase() !== 'application/json')
      throw invalid(`unsupported Content-Type header (${given}): must be 'application/json'`);
  }
}

function authHeader<T>(schema: Schema<T>, header: string | string[] | undefined): T | undefined {
  if (typeof header !== 'string' || header === '') return undefined;
  try {
    return decode(schema, JSON.parse(Buffer.from(header, 'base64url').toString()));
  } catch {
    return undefined;
  }
}
