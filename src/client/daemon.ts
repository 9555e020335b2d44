import { cancelled, EngineError, type ErrorKind, unavailable } from '#base/errors.ts';
import type { Connect, Connection } from './connection.ts';
import { exchange, type HttpRequest, type HttpResponse } from './http.ts';

/** The newest API version that this client speaks, and the oldest it falls back to. */
export const newestVersion = '1.51';
export const oldestVersion = '1.24';

export type Query = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

export interface Call {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
  /** Without the version: `/containers/json`. */
  readonly path: string;
  readonly query?: Query;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is; the content type is a tar's unless `headers` says otherwise. */
  readonly stream?: AsyncIterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/** An error that the daemon answered, as against one of reaching it. */
export class DaemonError extends EngineError {
  readonly status: number;

  constructor(kind: ErrorKind, message: string, status: number) {
    super(kind, message);
    this.status = status;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncGenerator<Uint8Array, void, void>;
  text(): Promise<string>;
  json<T>(): Promise<T>;
  /** The raw stream of a switched connection; `multiplexed` when each write carries attach's eight-byte header. */
  hijack(): Connection;
  /** Drops what was not read. */
  close(): void;
}

export interface DaemonOptions {
  readonly connect: Connect;
  /** The Host header. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Words for a stream that breaks before its answer. */
  readonly explain?: (cause: unknown) => Error;
  /** Speak this version and no other: no negotiation. */
  readonly version?: string;
}

/**
 * A daemon that speaks the Engine API, reached through `connect`.
 *
 * The version is negotiated without a round trip: calls speak the newest one until a daemon answers that it is too
 * new, and the call is repeated in the daemon's own. Connections whose answer was read to its end are used again.
 */
export class Daemon {
  readonly #options: DaemonOptions;
  readonly #idle: Connection[] = [];
  #opening: Promise<Connection> | undefined;
  #version: string;
  #agreed: boolean;

  constructor(options: DaemonOptions) {
    this.#options = options;
    this.#version = options.version ?? newestVersion;
    this.#agreed = options.version !== undefined;
  }

  /** The version that calls speak at present. */
  get version(): string {
    return this.#version;
  }

  /** Opens a connection for the next call, without waiting for it. */
  prepare(): void {
    this.#opening ??= this.#options.connect();
    this.#opening.catch(() => {});
  }

  /** Closes what is idle. Calls under way end on their own. */
  close(): void {
    for (const connection of this.#idle.splice(0)) connection.close();
    this.#opening?.then((connection) => connection.close()).catch(() => {});
    this.#opening = undefined;
  }

  /**
   * Performs a call; an answer of 400 and above is thrown.
   *
   * @throws {DaemonError} what the daemon answered
   * @throws {EngineError} `unavailable` when it cannot be reached
   */
  async call(call: Call): Promise<Answer> {
    // a streamed body can be sent once: agree on the version first
    if (call.stream !== undefined && !this.#agreed) await this.ping();
    const spoken = this.#version;
    const answer = await this.#attempt(call);
    const retry = await this.#refusal(call.method, answer, spoken);
    return retry ? this.call(call) : answer;
  }

  async json<T>(call: Call): Promise<T> {
    return (await this.call(call)).json<T>();
  }

  /** Performs a call whose answer has no content of interest. */
  async run(call: Call): Promise<number> {
    const answer = await this.call(call);
    await answer.text();
    return answer.status;
  }

  /** Asks the daemon for its API version and speaks the older of the two from then on. */
  async ping(): Promise<Readonly<Record<string, string>>> {
    const answer = await this.#send({ method: 'HEAD', path: '/_ping' }, '/_ping', false);
    await answer.text();
    const theirs = answer.headers['api-version'];
    if (!this.#agreed && theirs !== undefined) this.#agree(theirs);
    return answer.headers;
  }

  #agree(theirs: string): void {
    if (isOlder(theirs, this.#version))
      this.#version = isOlder(theirs, oldestVersion) ? oldestVersion : theirs;
    this.#agreed = true;
  }

  #attempt(call: Call): Promise<Answer> {
    return this.#send(
      call,
      `/v${this.#version}${call.path}${queryText(call.query)}`,
      call.stream === undefined,
    );
  }

  /** Throws the answer's error; `true` when the version was lowered and the call is worth repeating. */
  async #refusal(method: Call['method'], answer: Answer, spoken: string): Promise<boolean> {
    if (answer.status < 400) return false;
    // an answer to HEAD cannot say what was wrong: the version may be
    if (method === 'HEAD' && answer.status === 400 && !this.#agreed) {
      await answer.text();
      await this.ping();
      return this.#version !== spoken;
    }
    const message = errorMessage(await answer.text(), answer.status);
    const theirs = /client version \S+ is too new\. Maximum supported API version is ([\d.]+)/.exec(
      message,
    )?.[1];
    if (answer.status === 400 && theirs !== undefined) {
      if (!this.#agreed) this.#agree(theirs);
      // another call may have lowered it in the meantime
      if (this.#version !== spoken) return true;
    }
    throw new DaemonError(kindOfStatus(answer.status), message, answer.status);
  }

  async #send(call: Call, path: string, repeatable: boolean): Promise<Answer> {
    if (call.signal?.aborted) throw cancelled('context canceled');
    const request: HttpRequest = { method: call.method, path, headers: this.#headers(call), ...bodyOf(call) };
    const reused = this.#idle.pop();
    try {
      return await this.#exchange(reused ?? (await this.#connection()), request, call.signal);
    } catch (error) {
      if (call.signal?.aborted) throw cancelled('context canceled', { cause: error });
      // the daemon may have closed an idle connection: a fresh one tells
      if (reused === undefined || !repeatable) throw error;
      return this.#exchange(await this.#connection(), request, call.signal);
    }
  }

  #connection(): Promise<Connection> {
    const opening = this.#opening ?? this.#options.connect();
    this.#opening = undefined;
    return opening;
  }

  async #exchange(
    connection: Connection,
    request: HttpRequest,
    signal: AbortSignal | undefined,
  ): Promise<Answer> {
    const abort = () => connection.close();
    signal?.addEventListener('abort', abort, { once: true });
    const response = await exchange(connection, request, (reusable) => {
      signal?.removeEventListener('abort', abort);
      if (reusable) this.#idle.push(connection);
      else connection.close();
    }).catch((cause: unknown) => {
      if (cause instanceof EngineError) throw cause;
      throw this.#options.explain?.(cause) ?? unavailable((cause as Error).message, { cause });
    });
    return answerOf(response, connection);
  }

  #headers(call: Call): Record<string, string> {
    return {
      Host: this.#options.host ?? 'api.hoist.localhost',
      ...(call.json !== undefined && { 'Content-Type': 'application/json' }),
      ...(call.stream !== undefined && { 'Content-Type': 'application/x-tar' }),
      ...this.#options.headers,
      ...call.headers,
    };
  }
}

function bodyOf(call: Call): Pick<HttpRequest, 'body'> {
  if (call.stream !== undefined) return { body: call.stream };
  return call.json === undefined ? {} : { body: JSON.stringify(call.json) };
}

function answerOf(response: HttpResponse, connection: Connection): Answer {
  const text = async () => {
    const decoder = new TextDecoder();
    let all = '';
    for await (const bytes of response.body) all += decoder.decode(bytes, { stream: true });
    return all + decoder.decode();
  };
  return {
    status: response.status,
    headers: response.headers,
    body: response.body,
    text,
    json: async <T>() => JSON.parse(await text()) as T,
    hijack: () => response.hijack(),
    close: () => connection.close(),
  };
}

function queryText(query: Query = {}): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const each of Array.isArray(value) ? value : [value]) {
      const text = each === true ? '1' : each === false ? '0' : String(each);
      parts.push(`${name}=${encodeURIComponent(text).replaceAll('%20', '+')}`);
    }
  }
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function errorMessage(text: string, status: number): string {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && 'message' in body) return String(body.message).trim();
  } catch {}
  return text.trim() || `the daemon answered ${status}`;
}

function kindOfStatus(status: number): ErrorKind {
  const kinds: Record<number, ErrorKind> = {
    400: 'invalid',
    401: 'unauthorized',
    403: 'forbidden',
    404: 'notFound',
    409: 'conflict',
    501: 'unsupported',
    503: 'unavailable',
  };
  return kinds[status] ?? (status < 500 ? 'invalid' : 'internal');
}

/** Whether API version `a` comes before `b`: `1.9` is older than `1.24`. */
export function isOlder(a: string, b: string): boolean {
  const [aMajor = 0, aMinor = 0] = a.split('.').map(Number);
  const [bMajor = 0, bMinor = 0] = b.split('.').map(Number);
  return aMajor < bMajor || (aMajor === bMajor && aMinor < bMinor);
}

/** The error of a daemon that could not be reached; `reason` where more is known than that nobody answers. */
export function unreachable(host: string, cause: unknown, reason?: string): EngineError {
  if (reason !== undefined)
    return unavailable(`Cannot connect to the Hoist daemon at ${host}: ${reason}`, { cause });
  return unavailable(`Cannot connect to the Hoist daemon at ${host}. Is hoistd running?`, { cause });
}
